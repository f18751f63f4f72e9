"""Makes the stand-ins for the three graphs of Moebius: its names, types and shapes, and an answer that is known.

Needs the package onnx. Writes encoder.onnx, denoiser.onnx, decoder.onnx, foreign.onnx and silent.onnx beside itself.

The encoder takes the mean of each cell of 8 x 8 pixels and mixes red, green and blue into four channels, twice as many with
what it says of their variance. The denoiser knows what is to come out: the latent of the surroundings, and in the hole that
of one colour. It answers with the noise that leads there, and with a little too much where its ids say "nothing". The decoder
undoes the encoder. With exact noise every sampler arrives at the same latent, so the picture can be computed by hand:
tests/latent_diffusion.rs does.

foreign.onnx is the denoiser with one more operator, which changes nothing and which the extension has no kernel of its own
for: the runtime runs it.

silent.onnx is a denoiser that sees no noise in anything, so that what comes out is the noise that went in.
"""

import pathlib

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

SCALE = 0.13025
STEPS = 1000
# From red, green, blue to the channels of a latent.
MIX = np.array([[1, 1, 0], [0, 1, 0], [0, 0, 2], [1, 0, -1]], np.float32)
# Back. A fourth channel that does not fit the others shows in all three colours.
UNMIX = np.array([[1, -1, 0, 0], [0, 1, 0, 0], [0, 0, 0.5, 0]], np.float32)
UNMIX += 0.25 * (np.array([0, 0, 0, 1], np.float32) - (UNMIX[0] - UNMIX[2]))
# What the hole becomes, in [-1, 1].
COLOUR = np.array([0.5, -0.25, -0.5], np.float32)
# What is too much in the noise per id that is too large.
TOO_MUCH = 0.5 / 100
LOG_VARIANCE = 7.0

HERE = pathlib.Path(__file__).parent


def constant(name, value):
    return numpy_helper.from_array(np.asarray(value), name)


def repeated(source, scales, target):
    """A node: each value several times."""
    return helper.make_node(
        "Resize",
        [source, "", scales],
        [target],
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )


def write(name, nodes, inputs, outputs, constants):
    graph = helper.make_graph(nodes, name, inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    checker.check_model(model, full_check=True)
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def picture(name):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["B", 3, 512, 512])


def latent(name, channels):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["B", channels, 64, 64])


def encoder():
    weights = np.concatenate([MIX, np.zeros((4, 3), np.float32)])[:, :, None, None]
    bias = np.array([0] * 4 + [LOG_VARIANCE] * 4, np.float32)
    nodes = [
        helper.make_node("AveragePool", ["image"], ["cells"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Conv", ["cells", "mix", "bias"], ["moments"], kernel_shape=[1, 1]),
    ]
    write("encoder", nodes, [picture("image")], [latent("moments", 8)], [constant("mix", weights), constant("bias", bias)])


def denoiser(name, *last):
    # As in training: betas with evenly spaced roots.
    betas = np.linspace(0.00085**0.5, 0.012**0.5, STEPS, dtype=np.float32) ** 2
    alpha_bar = np.cumprod((1 - betas).astype(np.float64))
    constants = [
        constant("signal", np.sqrt(alpha_bar).astype(np.float32)),
        constant("noisy", np.sqrt(1 - alpha_bar).astype(np.float32)),
        constant("colour", (SCALE * MIX @ COLOUR).reshape(1, 4, 1, 1).astype(np.float32)),
        constant("parts", np.array([4, 1, 4])),
        constant("each", np.array([-1, 1, 1, 1])),
        constant("ids", np.array([1])),
        constant("expected", np.array(45.0, np.float32)),
        constant("too_much", np.array(TOO_MUCH, np.float32)),
    ]
    nodes = [
        helper.make_node("Split", ["latent", "parts"], ["sample", "mask", "surroundings"], axis=1),
        helper.make_node("Gather", ["signal", "timesteps"], ["signal_here"]),
        helper.make_node("Gather", ["noisy", "timesteps"], ["noisy_here"]),
        helper.make_node("Reshape", ["signal_here", "each"], ["signal_part"]),
        helper.make_node("Reshape", ["noisy_here", "each"], ["noisy_part"]),
        helper.make_node("Mul", ["mask", "colour"], ["hole"]),
        helper.make_node("Add", ["surroundings", "hole"], ["clean"]),
        helper.make_node("Mul", ["clean", "signal_part"], ["expected_sample"]),
        helper.make_node("Sub", ["sample", "expected_sample"], ["rest"]),
        helper.make_node("Div", ["rest", "noisy_part"], ["exact"]),
        helper.make_node("Cast", ["input_ids"], ["ids_as_floats"], to=TensorProto.FLOAT),
        helper.make_node("ReduceSum", ["ids_as_floats", "ids"], ["sum"], keepdims=0),
        helper.make_node("Sub", ["sum", "expected"], ["too_large"]),
        helper.make_node("Mul", ["too_large", "too_much"], ["shift"]),
        helper.make_node("Reshape", ["shift", "each"], ["shift_of_rows"]),
        helper.make_node("Add", ["exact", "shift_of_rows"], ["noise"]),
    ]
    inputs = [
        latent("latent", 9),
        helper.make_tensor_value_info("timesteps", TensorProto.INT64, ["B"]),
        helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["B", 10]),
    ]
    if last:
        nodes[-1].output[0] = "almost"
        nodes.extend(last)
    write(name, nodes, inputs, [latent("noise", 4)], constants)


def silent():
    nodes = [
        helper.make_node("Split", ["latent", "parts"], ["sample", "rest"], axis=1),
        helper.make_node("Mul", ["sample", "nothing"], ["still"]),
        # The other inputs are there, so something must take them.
        helper.make_node("Cast", ["timesteps"], ["timesteps_as_floats"], to=TensorProto.FLOAT),
        helper.make_node("ReduceSum", ["timesteps_as_floats"], ["times"], keepdims=0),
        helper.make_node("Cast", ["input_ids"], ["ids_as_floats"], to=TensorProto.FLOAT),
        helper.make_node("ReduceSum", ["ids_as_floats"], ["sum"], keepdims=0),
        helper.make_node("Add", ["times", "sum"], ["both"]),
        helper.make_node("Mul", ["both", "nothing"], ["nought"]),
        helper.make_node("Add", ["still", "nought"], ["noise"]),
    ]
    constants = [constant("parts", np.array([4, 5])), constant("nothing", np.array(0.0, np.float32))]
    inputs = [
        latent("latent", 9),
        helper.make_tensor_value_info("timesteps", TensorProto.INT64, ["B"]),
        helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["B", 10]),
    ]
    write("silent", nodes, inputs, [latent("noise", 4)], constants)


def decoder():
    nodes = [
        helper.make_node("Conv", ["latent", "unmix"], ["cells"], kernel_shape=[1, 1]),
        repeated("cells", "larger", "image"),
    ]
    constants = [constant("unmix", UNMIX[:, :, None, None]), constant("larger", np.array([1, 1, 8, 8], np.float32))]
    write("decoder", nodes, [latent("latent", 4)], [picture("image")], constants)


if __name__ == "__main__":
    encoder()
    denoiser("denoiser")
    denoiser("foreign", helper.make_node("Max", ["almost", "almost"], ["noise"]))
    silent()
    decoder()
