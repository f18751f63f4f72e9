"""Makes graphs of one operator each, of the sizes that the kernels are tried at: to learn what ONNX Runtime takes for them.

    python tests/kernels/make_operators.py FOLDER [--half] [--repeats N]

Needs the packages onnx (1.23) and numpy. Writes two files for each size into FOLDER (250 MB in all, half of it with --half):
NAME_1.onnx computes it once, NAME_N.onnx N times (21 unless told), each time from what came out the time before. A run also
uploads, reads back and waits; that is the same for both, so

    seconds of the operator = (seconds of NAME_N - seconds of NAME_1) / (N - 1)

Where an operator gives more planes than it takes, the first of them go on; where it gives fewer, they are repeated. Moving them is
counted as the operator's; it is little beside the products. Input x, output y; weights are random. With --half all values have
16 bits. Nothing of it belongs into the repository.
"""

import argparse
import math
import pathlib

import numpy as np
from onnx import checker, helper, numpy_helper, save

OPSET = 18
IR_VERSION = 9

# Operator, batch, channels, outputs, side, what follows the bias: as `Problem::true_sizes` has them (a test of the crate compares).
SIZES = [
    ("pointwise", 2, 320, 320, 64, "residual"),
    ("pointwise", 2, 320, 1600, 64, "silu"),
    ("pointwise", 2, 1600, 640, 32, "residual"),
    ("pointwise", 2, 1280, 6400, 16, "silu"),
    ("conv3x3", 2, 640, 640, 64, "plain"),
    ("conv3x3", 2, 1280, 1280, 32, "plain"),
    ("conv3x3", 2, 9, 320, 64, "plain"),
    ("position", 80, 1, 40, 64, "plain"),
    ("position", 160, 1, 80, 32, "plain"),
    ("position", 320, 1, 160, 16, "plain"),
]
KERNELS = {"pointwise": 1, "conv3x3": 3, "position": 15}


def weight(name, shape, deviation, kind, seed):
    numbers = np.random.default_rng(seed)
    values = numbers.standard_normal(shape, np.float32) * np.float32(deviation)
    return numpy_helper.from_array(values.astype(kind), name)


def as_input(value, channels, outputs, at):
    """The nodes that make `channels` planes of `outputs`, and the name of what they make."""
    if channels == outputs:
        return [], value
    name = f"input_{at}"
    if channels < outputs:
        return [helper.make_node("Slice", [value, "first", "last", "axis"], [name])], name
    copies = math.ceil(channels / outputs)
    joined = helper.make_node("Concat", [value] * copies, [f"joined_{at}"], axis=1)
    return [joined, helper.make_node("Slice", [f"joined_{at}", "first", "last", "axis"], [name])], name


def model(size, repeats, kind):
    operator, batch, channels, outputs, side, after = size
    kernel = KERNELS[operator]
    shape = (batch, outputs, side, side)
    weights = [
        weight("weights", (outputs, channels, kernel, kernel), 1 / math.sqrt(channels * kernel**2), kind, 1),
        weight("biases", (outputs,), 0.1, kind, 2),
        *(numpy_helper.from_array(np.array([at], np.int64), name) for name, at in (("first", 0), ("last", channels), ("axis", 1))),
    ]
    if after == "residual":
        weights.append(weight("residual", shape, 1.0, kind, 3))
    nodes, value = [], "x"
    for at in range(repeats):
        if at > 0:
            moving, value = as_input(value, channels, outputs, at)
            nodes += moving
        sizes = {"kernel_shape": [kernel] * 2, "pads": [kernel // 2] * 4}
        nodes.append(helper.make_node("Conv", [value, "weights", "biases"], [f"sum_{at}"], **sizes))
        value = f"sum_{at}"
        if after == "silu":
            nodes.append(helper.make_node("Sigmoid", [value], [f"gate_{at}"]))
            nodes.append(helper.make_node("Mul", [value, f"gate_{at}"], [f"after_{at}"]))
            value = f"after_{at}"
        elif after == "residual":
            nodes.append(helper.make_node("Add", [value, "residual"], [f"after_{at}"]))
            value = f"after_{at}"
    nodes.append(helper.make_node("Identity", [value], ["y"]))
    number = helper.np_dtype_to_tensor_dtype(np.dtype(kind))
    inputs = [helper.make_tensor_value_info("x", number, (batch, channels, side, side))]
    graph = helper.make_graph(nodes, operator, inputs, [helper.make_tensor_value_info("y", number, shape)], weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    checker.check_model(made, full_check=True)
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--half", action="store_true", help="16 bits")
    parser.add_argument("--repeats", type=int, default=21)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        operator, batch, channels, outputs, side, _ = size
        work = 2 * batch * channels * outputs * side**2 * KERNELS[operator] ** 2
        for repeats in (1, options.repeats):
            name = f"{operator}_{channels}_{outputs}_{side}_{repeats}.onnx"
            save(model(size, repeats, np.float16 if options.half else np.float32), options.folder / name)
            print(f"{name}: {repeats} times {work / 1e9:.2f} GFLOP")


if __name__ == "__main__":
    main()
