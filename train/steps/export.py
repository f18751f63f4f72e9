"""Weights of train.py -> encoder.onnx, denoiser.onnx, decoder.onnx and contract.toml, for examples/steps.rs."""

import argparse
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from networks import CHANNELS, Decoder, Denoiser, Encoder

SIDE, CELLS = 256, 32
TOLERANCE = 2e-3


def load(network, folder, name):
    state = {}
    for path in sorted(folder.glob(f"{name}_*.pt")):
        state |= torch.load(path, map_location="cpu")
    network.load_state_dict({key: value.float() for key, value in state.items()})
    return network.eval()


def write(network, path, inputs, output):
    """One graph with any number of rows, compared with the network."""
    free = {name: {0: "n"} for name in (*inputs, output)}
    names = {"input_names": list(inputs), "output_names": [output], "dynamic_axes": free}
    torch.onnx.export(network, tuple(inputs.values()), path, opset_version=18, dynamo=False, **names)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    with torch.no_grad():
        expected = network(*inputs.values()).numpy()
    (made,) = session.run(None, {name: value.numpy() for name, value in inputs.items()})
    error = float(np.abs(made - expected).max())
    if error > TOLERANCE:
        raise ValueError(f"{path} is {error} off")
    print(f"{path}: {error:.1e} off")


def main():
    p = argparse.ArgumentParser(description="Makes graphs of what train.py made")
    p.add_argument("--weights", required=True, type=Path)
    p.add_argument("--out", required=True, type=Path)
    args = p.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    picture, latent = torch.randn(2, 3, SIDE, SIDE), torch.randn(2, CHANNELS, CELLS, CELLS)
    seen = {
        "latent": torch.randn(2, 2 * CHANNELS + 1, CELLS, CELLS),
        "timesteps": torch.tensor([20, 900]),
        "input_ids": torch.tensor([[4], [1]]),
    }
    write(load(Encoder(), args.weights, "encoder"), args.out / "encoder.onnx", {"image": picture}, "moments")
    write(load(Denoiser(), args.weights, "denoiser"), args.out / "denoiser.onnx", seen, "noise")
    write(load(Decoder(), args.weights, "decoder"), args.out / "decoder.onnx", {"latent": latent}, "image")
    (args.out / "scale").write_text((args.weights / "scale").read_text())


if __name__ == "__main__":
    main()
