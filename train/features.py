"""Frozen networks that see: InceptionV3 for the training loss, MobileNetV2 for the evaluation.

Both come with the npm package nsfwjs 4.4.0 (MIT): Keras layer graphs with 8-bit weights, trained on ImageNet and
tuned further. Batch norms are folded, and every convolution pads evenly. `python3 features.py` fetches the package
with npm and writes what is needed of it: `inception_v3.npz`, `mobilenet_v2.npz`.
"""

import argparse
import base64
import json
import subprocess
import tarfile
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

PACKAGE = "nsfwjs@4.4.0"
INCEPTION_TAPS = ("activation_1", "activation_3", "activation_5", "mixed1", "mixed4")
MOBILENET_TAPS = ("block_1_project_BN", "block_3_project_BN", "block_6_project_BN", "block_10_project_BN")
TAPS = {"inception_v3": INCEPTION_TAPS, "mobilenet_v2": MOBILENET_TAPS}
# The package wraps its files as scripts; Node reads them.
UNWRAP = """
const fs = require("fs"), dir = process.argv[1], value = (f) => { const m = require(dir + "/" + f); return m.default ?? m; };
const shards = fs.readdirSync(dir).filter((f) => f.startsWith("group")).sort().map((f) => Buffer.from(value(f), "base64"));
console.log(JSON.stringify({ graph: value("model.min.js"), weights: Buffer.concat(shards).toString("base64") }));
"""


def fetch(folder):
    """Fetches the package and keeps the layers up to the last tap of each network."""
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    name = subprocess.check_output(["npm", "pack", "--silent", PACKAGE], cwd=folder, text=True).split()[-1]
    with tarfile.open(folder / name) as archive:
        archive.extractall(folder, filter="data")
    for network, taps in TAPS.items():
        models = folder / "package/dist/models" / network
        found = json.loads(subprocess.check_output(["node", "-e", UNWRAP, str(models)]))
        layers, weights = parse(found["graph"], base64.b64decode(found["weights"]))
        layers = needed(layers, taps)
        names = {layer["config"]["name"] for layer in layers}
        kept = {key: value for key, value in weights.items() if key.split("/")[0] in names}
        np.savez_compressed(folder / f"{network}.npz", layers=json.dumps(layers), **kept)


def parse(graph, data):
    """The Keras layers, and the weights as they are stored: bytes with scale and least value in a record beside them."""
    at, weights = 0, {}
    for spec in graph["weightsManifest"][0]["weights"]:
        count = int(np.prod(spec["shape"])) if spec["shape"] else 1
        rule = spec.get("quantization")
        kind = np.dtype(rule["dtype"] if rule else spec["dtype"])
        weights[spec["name"]] = np.frombuffer(data, kind, count, at).reshape(spec["shape"])
        if rule:
            weights[spec["name"] + "/rule"] = np.array([rule["scale"], rule["min"]])
        at += count * kind.itemsize
    if at != len(data):
        raise ValueError(f"{len(data)} bytes of weights, of which {at} are named")
    return graph["modelTopology"]["model_config"]["config"]["layers"], weights


def needed(layers, taps):
    """The layers that the taps depend on, in order."""
    names = set(taps)
    for layer in reversed(layers):
        if layer["config"]["name"] in names:
            names.update(node[0] for node in (layer.get("inbound_nodes") or [[]])[0])
    return [layer for layer in layers if layer["config"]["name"] in names]


def load(path, taps):
    """A network of `fetch` as a module: pictures in [0, 1] -> the features at its taps."""
    stored = np.load(path)
    weights = {}
    for key in stored.files:
        if key != "layers" and not key.endswith("/rule"):
            scale, least = stored[key + "/rule"] if key + "/rule" in stored.files else (1.0, 0.0)
            weights[key] = (stored[key].astype(np.float32) * scale + least).astype(np.float32)
    return Seer(json.loads(str(stored["layers"])), weights, taps).eval().requires_grad_(False)


class Seer(nn.Module):
    """Runs a Keras layer graph and returns the values at the taps."""

    def __init__(self, layers, weights, taps):
        super().__init__()
        self.taps, self.steps, self.first = taps, [], None
        for layer in needed(layers, taps):
            config, kind = layer["config"], layer["class_name"]
            name, key = config["name"], config["name"].replace(".", "_")
            inputs = [node[0] for node in layer["inbound_nodes"][0]] if layer["inbound_nodes"] else []
            if kind == "InputLayer":
                self.first = name
                continue
            if kind == "Conv2D":
                self.register_buffer(
                    key + "_w", torch.from_numpy(weights[name + "/kernel"].transpose(3, 2, 0, 1).copy())
                )
            elif kind == "DepthwiseConv2D":
                self.register_buffer(
                    key + "_w", torch.from_numpy(weights[name + "/depthwise_kernel"].transpose(2, 3, 0, 1).copy())
                )
            elif kind == "BatchNormalization":
                self.fold(name, inputs[0], config, weights)
                kind = "Same"
            self.steps.append((kind, name, key, inputs, config))

    def fold(self, name, before, config, weights):
        """Takes a norm into the convolution before it."""
        scale = weights.get(name + "/gamma", 1.0) / np.sqrt(weights[name + "/moving_variance"] + config["epsilon"])
        bias = weights[name + "/beta"] - weights[name + "/moving_mean"] * scale
        key = next(step[2] for step in reversed(self.steps) if step[1] == before)
        getattr(self, key + "_w").mul_(torch.from_numpy(np.asarray(scale, np.float32)).view(-1, 1, 1, 1))
        self.register_buffer(key + "_b", torch.from_numpy(np.asarray(bias, np.float32)))

    def forward(self, x):
        values = {self.first: x * 2 - 1}
        for kind, name, key, inputs, config in self.steps:
            values[name] = self.step(kind, key, config, [values[i] for i in inputs])
        return [values[tap] for tap in self.taps]

    def step(self, kind, key, config, inputs):
        x = inputs[0]
        if kind in ("Conv2D", "DepthwiseConv2D"):
            weight, bias = getattr(self, key + "_w"), getattr(self, key + "_b", None)
            padding = tuple(side // 2 for side in weight.shape[2:])
            groups = x.shape[1] if kind == "DepthwiseConv2D" else 1
            bias = None if bias is None else bias.to(weight.dtype)
            return F.conv2d(x.to(weight.dtype), weight, bias, tuple(config["strides"]), padding, 1, groups)
        if kind in ("Same", "ZeroPadding2D"):
            return x
        if kind == "ReLU" and config.get("max_value") is not None:
            return F.relu6(x)
        if kind in ("Activation", "ReLU"):
            return F.relu(x)
        if kind == "MaxPooling2D":
            return F.max_pool2d(x, tuple(config["pool_size"]), tuple(config["strides"]), 1)
        if kind == "AveragePooling2D":
            return F.avg_pool2d(x, tuple(config["pool_size"]), tuple(config["strides"]), 1, count_include_pad=False)
        if kind == "Concatenate":
            return torch.cat(inputs, 1)
        if kind == "Add":
            return inputs[0] + inputs[1]
        raise ValueError(f"no layer of kind {kind} is known")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Fetches the frozen networks")
    parser.add_argument("folder")
    fetch(parser.parse_args().folder)
