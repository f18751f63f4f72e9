"""The mean of exported models: `python3 blend.py A.onnx B.onnx ... OUT.onnx`. One that is named twice counts twice.

A run that began from an exported model ends near enough to it for the mean of both to work, and in exported models the
norms are folded away, so that there is one way to take it (Wortsman et al. 2022).
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, numpy_helper

from export import TOLERANCE, example


def mean(models, exact=False):
    """The first graph with the mean of all models' weights; halves stay halves unless `exact`. ValueError if the graphs differ."""
    stored = [{tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer} for model in models]
    if any(model.graph.node != models[0].graph.node for model in models):
        raise ValueError("the models are of different graphs")
    made = onnx.ModelProto()
    made.CopyFrom(models[0])
    for tensor in made.graph.initializer:
        values = [weights[tensor.name] for weights in stored]
        if tensor.data_type in (TensorProto.FLOAT, TensorProto.FLOAT16):
            kind = np.float32 if exact else values[0].dtype
            value = np.mean([v.astype(np.float32) for v in values], 0).astype(kind)
            tensor.CopyFrom(numpy_helper.from_array(np.asarray(value), tensor.name))
        elif any((v != values[0]).any() for v in values):
            raise ValueError(f"{tensor.name} is no weight, and differs")
    return made


def main():
    p = argparse.ArgumentParser(description="Takes the mean of exported models")
    p.add_argument("models", nargs="+", help="models that export.py wrote")
    p.add_argument("out", help="the .onnx file to write")
    args = p.parse_args()
    models = [onnx.load(path) for path in args.models]
    made = mean(models)
    onnx.save(made, args.out)
    sessions = [
        onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        for model in (made, mean(models, exact=True))
    ]
    for side in (64, 256, 512):
        image, mask = example(side, side)
        got, wanted = (session.run(None, {"image": image, "mask": mask})[0] for session in sessions)
        off = np.abs(got - wanted)
        print(f"{side}: off by {off.max():.1e} at most, {off.mean():.1e} in the mean")
        if off.max() > TOLERANCE:
            raise ValueError("the stored graph computes something else")
    data = Path(args.out).read_bytes()
    print(f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
