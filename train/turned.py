"""One graph that answers with the mean over a picture and it mirrored: `python3 turned.py A.onnx OUT.onnx --ways x`.

`--ways x y xy` adds it upside down and turned by half as well. The weights are the same, the work is as many times as
much as there are ways and one; all go through the network as one batch.
"""

import argparse

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from export import example

# Axes of [n, c, h, w] that a way reverses.
AXES = {"x": [3], "y": [2], "xy": [2, 3]}
INPUTS = ("image", "mask")
TOLERANCE = 1e-5


def turned(model, ways):
    """The graph around `model`, whose inputs and output keep their names."""
    graph = model.graph
    inner = {name: f"{name}_turned" for name in (*INPUTS, "output")}
    for node in graph.node:
        for names in (node.input, node.output):
            for i, name in enumerate(names):
                names[i] = inner.get(name, name)

    def constant(name, values):
        graph.initializer.append(numpy_helper.from_array(np.asarray(values), name))

    for way in ways:
        axes = AXES[way]
        constant(f"{way}_start", np.full(len(axes), -1))
        constant(f"{way}_end", np.full(len(axes), np.iinfo(np.int64).min + 1))
        constant(f"{way}_axes", np.array(axes))
    constant("share", np.float32(1 / (len(ways) + 1)))

    def reverse(way, given, made):
        # Steps are -1 too, as many as axes.
        names = [f"{way}_{part}" for part in ("start", "end", "axes", "start")]
        return helper.make_node("Slice", [given, *names], [made])

    before, after = [], []
    for name in INPUTS:
        before += [reverse(way, name, f"{name}_{way}") for way in ways]
        before.append(helper.make_node("Concat", [name] + [f"{name}_{way}" for way in ways], [inner[name]], axis=0))
    after.append(helper.make_node("Split", [inner["output"]], ["plain"] + [f"answer_{way}" for way in ways], axis=0))
    total = "plain"
    for way in ways:
        after.append(reverse(way, f"answer_{way}", f"back_{way}"))
        after.append(helper.make_node("Add", [total, f"back_{way}"], [f"total_{way}"]))
        total = f"total_{way}"
    after.append(helper.make_node("Mul", [total, "share"], ["output"]))
    nodes = before + list(graph.node) + after
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def answer(path, image, mask):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {"image": image, "mask": mask})[0]


def main():
    p = argparse.ArgumentParser(description="Makes a model answer with the mean over turned pictures")
    p.add_argument("model", help="a model that export.py wrote")
    p.add_argument("out", help="the .onnx file to write")
    p.add_argument("--ways", nargs="+", choices=list(AXES), default=["x"])
    args = p.parse_args()
    onnx.save(turned(onnx.load(args.model), args.ways), args.out)
    image, mask = example(64)
    wanted = answer(args.model, image, mask)
    for way in args.ways:
        given = (np.ascontiguousarray(np.flip(x, AXES[way])) for x in (image, mask))
        wanted = wanted + np.flip(answer(args.model, *given), AXES[way])
    off = np.abs(answer(args.out, image, mask) - wanted / (len(args.ways) + 1)).max()
    print(f"off by {off:.1e} at most")
    if off > TOLERANCE:
        raise ValueError("the graph computes something else")


if __name__ == "__main__":
    main()
