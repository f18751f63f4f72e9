"""Averaged weights -> `lite.onnx`: norms folded, weights stored in half precision, arithmetic in single.

A runtime casts the weights up when it makes a session. The graph is compared with the network before it is written.
"""

import argparse
import hashlib
import math
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.utils.flop_counter import FlopCounterMode

from model import Conv, Generator

OPSET = 17
# Tensors smaller than this stay in single precision.
SMALL = 64
# The most that a pixel may differ from the single-precision network, of 1.
TOLERANCE = 4e-3


def load(paths):
    """The network with the mean of the weights in `paths`: runs that begin alike can be averaged (Izmailov et al. 2018)."""
    states = [torch.load(path, map_location="cpu") for path in paths]
    mean = lambda key: sum(state[key].float() for state in states) / len(states)
    first = states[0]
    generator = Generator()
    generator.load_state_dict({key: mean(key) if v.is_floating_point() else v for key, v in first.items()})
    return generator.eval()


def folded(generator):
    for module in generator.modules():
        if isinstance(module, Conv):
            module.conv, module.norm = fuse_conv_bn_eval(module.conv, module.norm), nn.Identity()
    return generator


def example(side, seed=0):
    rng = np.random.default_rng(seed)
    image = rng.random((1, 3, side, side), np.float32)
    mask = np.zeros((1, 1, side, side), np.float32)
    mask[:, :, side // 4 : side // 2, side // 3 : 2 * side // 3] = 1
    return image, mask


def graph_of(generator, path):
    inputs = tuple(torch.from_numpy(a) for a in example(256))
    free = {name: {0: "n", 2: "h", 3: "w"} for name in ("image", "mask", "output")}
    names = {"input_names": ["image", "mask"], "output_names": ["output"], "dynamic_axes": free}
    torch.onnx.export(generator, inputs, path, opset_version=OPSET, dynamo=False, **names)
    return onnx.load(path)


def store_halves(model):
    """Stores large single-precision tensors as halves, each with a node that casts it up."""
    kept, casts = [], []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or math.prod(tensor.dims) < SMALL:
            kept.append(tensor)
            continue
        values = numpy_helper.to_array(tensor)
        if np.abs(values).max() >= np.finfo(np.float16).max:
            raise ValueError(f"{tensor.name} doesn't fit half precision")
        kept.append(numpy_helper.from_array(values.astype(np.float16), tensor.name + "_half"))
        casts.append(helper.make_node("Cast", [tensor.name + "_half"], [tensor.name], to=TensorProto.FLOAT))
    nodes = casts + list(model.graph.node)
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def multiplications(generator, side):
    """Multiply-adds of one run at side x side."""
    inputs = [torch.from_numpy(a) for a in example(side)]
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        generator(*inputs)
    return counter.get_total_flops() / 2


def main():
    p = argparse.ArgumentParser(description="Exports Lite")
    p.add_argument("weights", nargs="+", help="average.pt of a training run; of several, their mean is exported")
    p.add_argument("out", help="the .onnx file to write")
    args = p.parse_args()
    generator = folded(load(args.weights))
    out = Path(args.out)
    model = store_halves(graph_of(generator, str(out)))
    onnx.save(model, out)
    session = onnxruntime.InferenceSession(str(out), providers=["CPUExecutionProvider"])
    for side in (64, 256, 512):
        image, mask = example(side, side)
        got = session.run(None, {"image": image, "mask": mask})[0]
        with torch.no_grad():
            wanted = generator(torch.from_numpy(image), torch.from_numpy(mask)).numpy()
        off = np.abs(got - wanted)
        print(f"{side}: off by {off.max():.1e} at most, {off.mean():.1e} in the mean")
        if off.max() > TOLERANCE:
            raise ValueError("the stored graph computes something else")
    data = out.read_bytes()
    weights = sum(p.numel() for p in generator.parameters())
    print(f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")
    print(f"{weights / 1e6:.2f} M weights, {multiplications(generator, 512) / 1e9:.2f} G multiply-adds at 512x512")
    print("operators:", " ".join(sorted({node.op_type for node in model.graph.node})))


if __name__ == "__main__":
    main()
