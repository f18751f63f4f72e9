"""Makes stand-ins for graphs of one run: the tensors of MI-GAN's and of LaMa's, and an answer that is known.

Needs the package onnx. Writes separate_bytes.onnx, joined_floats.onnx, greedy.onnx and enlarged.onnx beside itself.

The first two leave alone what is to be kept and mix the colours of each other pixel into a new one. So the answer shows which pixels
were taken for the hole, what was seen of them, in which order the colours came, and in which range. The first takes a picture
and a mask of bytes, 255 where a pixel is kept, and knows what is in the hole; the second takes floats in one tensor, the mask
last and 1 in the hole, and expects nothing there. tests/single_pass.rs computes both by hand.

The third wants more memory than WebAssembly can have. The fourth takes what the second does, and fills the hole with what is
around each pixel, seen at half the size: as it is loaded, weights of its own are derived for it.
"""

import numpy as np
from onnx import TensorProto, helper
from make_standins import constant, repeated, write

# From red, green, blue to the colours of the fill: each is made of another one.
MIX = np.array([[0, 0.5, 0], [0, 0, 0.25], [0.5, 0, 0]], np.float32)
# What is added, of 255. Multiples of 0.25 that no sum with MIX brings halfway between two bytes.
BYTE_SHIFT = np.array([40.25, 150.0 + 1 / 8, 100.25], np.float32)
# What is added, of 1: the colour of a hole that is black.
COLOUR = np.array([0.75, 0.25, 0.5], np.float32)


def tensor(name, kind, channels, side):
    return helper.make_tensor_value_info(name, kind, [1, channels, side[0], side[1]])


def filled(keep, hole):
    """The nodes from a picture and its two masks to the picture with the hole filled."""
    return [
        helper.make_node("Conv", ["picture", "mix", "shift"], ["fill"], kernel_shape=[1, 1]),
        helper.make_node("Mul", ["picture", keep], ["kept"]),
        helper.make_node("Mul", ["fill", hole], ["made"]),
    ]


def mixing(shift):
    return [constant("mix", MIX[:, :, None, None]), constant("shift", shift), constant("one", np.array(1, np.float32))]


def separate_bytes():
    kind, side = TensorProto.UINT8, ("H", "W")
    constants = [*mixing(BYTE_SHIFT), constant("white", np.array(255, np.float32)), constant("black", np.array(0, np.float32))]
    nodes = [
        helper.make_node("Cast", ["image"], ["picture"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["mask"], ["bytes_to_keep"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["bytes_to_keep", "white"], ["keep"]),
        helper.make_node("Sub", ["one", "keep"], ["hole"]),
        *filled("keep", "hole"),
        helper.make_node("Add", ["kept", "made"], ["sum"]),
        helper.make_node("Round", ["sum"], ["whole"]),
        helper.make_node("Clip", ["whole", "black", "white"], ["within"]),
        helper.make_node("Cast", ["within"], ["result"], to=TensorProto.UINT8),
    ]
    inputs = [tensor("image", kind, 3, side), tensor("mask", kind, 1, side)]
    write("separate_bytes", nodes, inputs, [tensor("result", kind, 3, side)], constants)


def joined_floats():
    kind, side = TensorProto.FLOAT, (512, 512)
    constants = [*mixing(COLOUR), constant("parts", np.array([3, 1]))]
    nodes = [
        helper.make_node("Split", ["input", "parts"], ["picture", "hole"], axis=1),
        helper.make_node("Sub", ["one", "hole"], ["keep"]),
        *filled("keep", "hole"),
        helper.make_node("Add", ["kept", "made"], ["output"]),
    ]
    write("joined_floats", nodes, [tensor("input", kind, 4, side)], [tensor("output", kind, 3, side)], constants)


def greedy():
    # Each wide tensor takes 1.8 GiB, and all three are wanted at once.
    constants = [
        constant("wide_shape", np.array([1, 1844, 512, 512])),
        constant("parts", np.array([3, 1])),
        constant("channels", np.array([1])),
    ]
    nodes = [
        helper.make_node("Split", ["input", "parts"], ["picture", "hole"], axis=1),
        helper.make_node("Expand", ["hole", "wide_shape"], ["wide"]),
        helper.make_node("Exp", ["wide"], ["wider"]),
        helper.make_node("Exp", ["wider"], ["widest"]),
        helper.make_node("Sum", ["wide", "wider", "widest"], ["sum"]),
        helper.make_node("ReduceMax", ["sum", "channels"], ["largest"], keepdims=1),
        helper.make_node("Mul", ["picture", "largest"], ["output"]),
    ]
    kind, side = TensorProto.FLOAT, (512, 512)
    write("greedy", nodes, [tensor("input", kind, 4, side)], [tensor("output", kind, 3, side)], constants)


def enlarged():
    # Enough weights to be left in the file, and each channel of them of its own size.
    channels = 16
    widen = np.linspace(0.1, 1, channels * 3, dtype=np.float32).reshape(channels, 3, 1, 1)
    smooth = np.linspace(1, 2, 3 * channels * 9, dtype=np.float32).reshape(3, channels, 3, 3)
    constants = [
        constant("widen", widen / 3),
        constant("smooth", smooth / smooth.sum(axis=(1, 2, 3), keepdims=True)),
        constant("twice", np.array([1, 1, 2, 2], np.float32)),
        constant("parts", np.array([3, 1])),
        constant("one", np.array(1, np.float32)),
    ]
    nodes = [
        helper.make_node("Split", ["input", "parts"], ["picture", "hole"], axis=1),
        helper.make_node("Sub", ["one", "hole"], ["keep"]),
        helper.make_node("AveragePool", ["picture"], ["half"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["half", "widen"], ["wide"], kernel_shape=[1, 1]),
        repeated("wide", "twice", "large"),
        helper.make_node("Conv", ["large", "smooth"], ["fill"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Mul", ["picture", "keep"], ["kept"]),
        helper.make_node("Mul", ["fill", "hole"], ["made"]),
        helper.make_node("Add", ["kept", "made"], ["output"]),
    ]
    kind, side = TensorProto.FLOAT, (512, 512)
    write("enlarged", nodes, [tensor("input", kind, 4, side)], [tensor("output", kind, 3, side)], constants)


if __name__ == "__main__":
    separate_bytes()
    joined_floats()
    greedy()
    enlarged()
