"""Makes three graphs as large and as costly as Moebius', with random weights: for measuring, never for looking at.

    python tests/models/make_real_size.py FOLDER [--tenth] [--seed N]

Needs the packages onnx (1.23) and numpy. Writes vae_encoder.onnx, unet.onnx and vae_decoder.onnx into FOLDER, 1.2 GB in all
(with --tenth about a tenth of the bytes and of the work, for machines without a graphics card), and prints what each costs.
Nothing of it belongs into the repository.

Names, types and shapes of inputs and outputs are Moebius', so the catalogue's contract fits; so are the bytes of each file
(within 0.1%), the 556 initialisers of the denoiser, all of them inside the file, and the multiply-adds (within 15%). The
graphs are our own, of the same families of operators: 1x1, 3x3 and depthwise convolutions, convolutions of 15x15 over single
channels, Einsum, Softmax, group normalisation by way of InstanceNormalization, LayerNormalization, x * sigmoid(x), and
enlarging to nearest neighbours. The autoencoder has the widths of Stable Diffusion's. Weights are normal, scaled so that what
comes out has a deviation of about 1; pictures made with them are noise. What differs: the published denoiser has 9,094 nodes,
most of them arithmetic with shapes that a runtime does once; this one has 1,031.

A file is written weight by weight, so memory stays below 200 MB. The same seed gives the same bytes.
"""

import argparse
import dataclasses
import math
import pathlib
import time

import numpy as np
from onnx import GraphProto, ModelProto, TensorProto, helper, numpy_helper

OPSET = 18
IR_VERSION = 9
# x * sigmoid(x) of numbers with deviation 1 has a mean square of 0.355; this makes up for it.
AFTER_SILU = 1 / math.sqrt(0.355)
TIMESTEPS_PERIOD = 10_000.0


@dataclasses.dataclass(frozen=True)
class Size:
    """How wide the graphs are."""

    # Channels of the autoencoder at 512, 256, 128 and 64 cells a side.
    autoencoder: tuple[int, ...]
    # Channels of the denoiser at 64, 32 and 16 cells a side.
    denoiser: tuple[int, ...]
    # Of the content attention: keys. Of the position attention: channels that the 15x15 convolutions make of each one.
    keys: int
    positions: int
    # Of the embedding of an id, and of a timestep.
    context: int
    time: int
    groups: int


REAL = Size((128, 256, 512, 512), (320, 640, 1280), keys=160, positions=8, context=1808, time=1280, groups=32)
TENTH = Size((40, 80, 160, 160), (96, 192, 384), keys=48, positions=4, context=544, time=384, groups=8)
IDS = 20
TOKENS = 10


@dataclasses.dataclass(frozen=True)
class Planes:
    """A value of shape [B, channels, side, side]."""

    name: str
    channels: int
    side: int

    @property
    def cells(self):
        return self.side**2


class Graph:
    """A graph in the making: its nodes, its weights that are drawn when it is written, and its multiply-adds."""

    def __init__(self, name, size):
        self.name, self.size = name, size
        self.nodes, self.weights, self.multiply_adds = [], [], 0
        self.shapes, self.ones_and_zeros = {}, None

    def node(self, kind, inputs, output=None, **attributes):
        output = output or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], name=f"node_{len(self.nodes)}", **attributes))
        return output

    def random(self, shape, deviation, mean=0.0):
        """A weight that is drawn when the file is written."""
        name = f"weight_{len(self.weights)}"
        header = TensorProto(dims=shape, data_type=TensorProto.FLOAT, name=name)

        def draw(numbers):
            return (numbers.standard_normal(shape, np.float32) * np.float32(deviation) + np.float32(mean)).tobytes()

        self.weights.append((header, 4 * math.prod(shape), draw))
        return name

    def fixed(self, value):
        value = np.asarray(value)
        name = f"weight_{len(self.weights)}"
        header = TensorProto(dims=value.shape, data_type=helper.np_dtype_to_tensor_dtype(value.dtype), name=name)
        self.weights.append((header, value.nbytes, lambda _: value.tobytes()))
        return name

    def shape(self, *extents):
        """The same shape is stored once."""
        if extents not in self.shapes:
            self.shapes[extents] = self.fixed(np.array(extents, np.int64))
        return self.shapes[extents]

    def constant(self, value):
        """A number that is no weight."""
        return self.node("Constant", [], value=numpy_helper.from_array(np.asarray(value)))

    def reshape(self, name, *extents):
        return self.node("Reshape", [name, self.shape(*extents)])

    def flat(self, x):
        return self.reshape(x.name, 0, x.channels, x.cells)

    def conv(self, x, channels, kernel=1, *, stride=1, groups=1, bias=True, gain=1.0, output=None):
        inputs = x.channels // groups
        weights = [x.name, self.random((channels, inputs, kernel, kernel), gain / math.sqrt(inputs * kernel**2))]
        if bias:
            weights.append(self.random((channels,), 0.02))
        side = x.side // stride
        self.multiply_adds += channels * inputs * kernel**2 * side**2
        attributes = {"kernel_shape": [kernel] * 2, "pads": [kernel // 2] * 4, "strides": [stride] * 2, "group": groups}
        return Planes(self.node("Conv", weights, output, **attributes), channels, side)

    def norm(self, x):
        """Normalises groups of channels, each as one instance."""
        groups = self.size.groups
        self.ones_and_zeros = self.ones_and_zeros or [self.fixed(np.full(groups, fill, np.float32)) for fill in (1, 0)]
        grouped = self.reshape(x.name, 0, groups, -1)
        even = self.node("InstanceNormalization", [grouped, *self.ones_and_zeros], epsilon=1e-5)
        even = self.reshape(even, 0, x.channels, x.side, x.side)
        scaled = self.node("Mul", [even, self.random((x.channels, 1, 1), 0.1, 1.0)])
        return Planes(self.node("Add", [scaled, self.random((x.channels, 1, 1), 0.1)]), x.channels, x.side)

    def times_sigmoid(self, name):
        return self.node("Mul", [name, self.node("Sigmoid", [name])])

    def silu(self, x):
        return dataclasses.replace(x, name=self.times_sigmoid(x.name))

    def add(self, x, y):
        return dataclasses.replace(x, name=self.node("Add", [x.name, y.name]))

    def einsum(self, equation, *names, cost):
        self.multiply_adds += cost
        return self.node("Einsum", names, equation=equation)

    def linear(self, name, inputs, outputs, *, bias=True, gain=1.0):
        product = self.node("MatMul", [name, self.random((inputs, outputs), gain / math.sqrt(inputs))])
        return self.node("Add", [product, self.random((outputs,), 0.02)]) if bias else product

    def enlarged(self, x):
        attributes = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        twice = self.constant(np.array([1, 1, 2, 2], np.float32))
        return Planes(self.node("Resize", [x.name, "", twice], **attributes), x.channels, 2 * x.side)

    def write(self, folder, inputs, outputs, numbers):
        """Writes the file as protobuf has it: fields by number, the weights between nodes and inputs."""
        path = folder / f"{self.name}.onnx"
        head = GraphProto(node=self.nodes, name=self.name).SerializeToString()
        tail = GraphProto(input=inputs, output=outputs).SerializeToString()
        headers = [header.SerializeToString() for header, _, _ in self.weights]
        # Field 9 of a tensor is its data, field 5 of a graph a tensor, field 7 of a model its graph.
        sizes = [len(field(9, length)) + length for _, length, _ in self.weights]
        tensors = [field(5, len(header) + size) + header for header, size in zip(headers, sizes)]
        total = len(head) + sum(map(len, tensors)) + sum(sizes) + len(tail)
        model = ModelProto(ir_version=IR_VERSION, producer_name="make_real_size")
        with path.open("wb") as file:
            file.write(model.SerializeToString() + field(7, total) + head)
            for tensor, (_, length, draw) in zip(tensors, self.weights):
                file.write(tensor + field(9, length))
                file.write(draw(numbers))
            file.write(tail + ModelProto(opset_import=[helper.make_opsetid("", OPSET)]).SerializeToString())
        return path


def field(number, length):
    """What stands before a field of so many bytes."""
    header, rest = bytearray([number << 3 | 2]), length
    while rest >= 0x80:
        header.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes(header) + bytes([rest])


def value(name, kind, *extents):
    return helper.make_tensor_value_info(name, kind, ["B", *extents])


def residual(graph, x, channels):
    """Two convolutions of 3x3 of the autoencoder, around which the input is led."""
    inner = graph.conv(graph.silu(graph.norm(x)), channels, 3, gain=AFTER_SILU)
    inner = graph.conv(graph.silu(graph.norm(inner)), channels, 3, gain=AFTER_SILU)
    return graph.add(x if x.channels == channels else graph.conv(x, channels), inner)


def attention(graph, x):
    """Each cell looks at each other one."""
    even = graph.norm(x)
    query, key, content = (graph.flat(graph.conv(even, x.channels)) for _ in range(3))
    cost = x.cells**2 * x.channels
    scores = graph.einsum("bcn,bcm->bnm", query, key, cost=cost)
    scaled = graph.node("Mul", [scores, graph.constant(np.float32(1 / math.sqrt(x.channels)))])
    looked = graph.einsum("bnm,bcm->bcn", graph.node("Softmax", [scaled], axis=-1), content, cost=cost)
    back = Planes(graph.reshape(looked, 0, x.channels, x.side, x.side), x.channels, x.side)
    return graph.add(x, graph.conv(back, x.channels))


def middle(graph, x):
    return residual(graph, attention(graph, residual(graph, x, x.channels)), x.channels)


def encoder(size):
    graph = Graph("vae_encoder", size)
    x = graph.conv(Planes("image", 3, 512), size.autoencoder[0], 3)
    for level, channels in enumerate(size.autoencoder):
        x = residual(graph, residual(graph, x, channels), channels)
        if level < len(size.autoencoder) - 1:
            x = graph.conv(x, channels, 3, stride=2)
    x = graph.silu(graph.norm(middle(graph, x)))
    graph.conv(graph.conv(x, 8, 3, gain=AFTER_SILU), 8, output="moments")
    return graph, [value("image", TensorProto.FLOAT, 3, 512, 512)], [value("moments", TensorProto.FLOAT, 8, 64, 64)]


def decoder(size):
    graph = Graph("vae_decoder", size)
    x = graph.conv(graph.conv(Planes("latent", 4, 64), 4), size.autoencoder[-1], 3)
    x = middle(graph, x)
    for level, channels in enumerate(reversed(size.autoencoder)):
        for _ in range(3):
            x = residual(graph, x, channels)
        if level < len(size.autoencoder) - 1:
            x = graph.conv(graph.enlarged(x), channels, 3)
    graph.conv(graph.silu(graph.norm(x)), 3, 3, gain=AFTER_SILU, output="image")
    return graph, [value("latent", TensorProto.FLOAT, 4, 64, 64)], [value("image", TensorProto.FLOAT, 3, 512, 512)]


def embedded_time(graph):
    """[B, time] of the timesteps: sines and cosines of many frequencies, mixed."""
    size, first = graph.size, graph.size.denoiser[0]
    frequencies = TIMESTEPS_PERIOD ** (-np.arange(first // 2, dtype=np.float32) / (first // 2))
    column = graph.node("Unsqueeze", [graph.node("Cast", ["timesteps"], to=TensorProto.FLOAT), graph.constant(np.array([1]))])
    angles = graph.node("Mul", [column, graph.fixed(frequencies[None, :])])
    waves = graph.node("Concat", [graph.node("Cos", [angles]), graph.node("Sin", [angles])], axis=1)
    inner = graph.times_sigmoid(graph.linear(waves, first, size.time, gain=math.sqrt(2)))
    return graph.times_sigmoid(graph.linear(inner, size.time, size.time, gain=AFTER_SILU))


def embedded_ids(graph):
    """[B, 10, context] of the ids."""
    context = graph.node("Gather", [graph.random((IDS, graph.size.context), 1.0), "input_ids"])
    scale, shift = graph.random((graph.size.context,), 0.1, 1.0), graph.random((graph.size.context,), 0.1)
    return graph.node("LayerNormalization", [context, scale, shift], axis=-1)


def separable(graph, x, channels):
    """A depthwise convolution of 3x3 and one of 1x1."""
    return graph.conv(graph.conv(x, x.channels, 3, groups=x.channels, gain=AFTER_SILU), channels)


def mixed(graph, x, channels, moment):
    """Two separable convolutions that hear the time, around which the input is led."""
    inner = separable(graph, graph.silu(graph.norm(x)), channels)
    heard = graph.reshape(graph.linear(moment, graph.size.time, channels, gain=AFTER_SILU), 0, channels, 1, 1)
    inner = dataclasses.replace(inner, name=graph.node("Add", [inner.name, heard]))
    inner = separable(graph, graph.silu(graph.norm(inner)), channels)
    return graph.add(x if x.channels == channels else graph.conv(x, channels), inner)


def looking(graph, x, context):
    """Each cell hears of all others by their content, of those within 15x15 by where they are, and of the ids."""
    size, even = graph.size, graph.norm(x)
    content = graph.conv(even, x.channels, bias=False)
    values = graph.flat(content)
    query = graph.flat(graph.conv(even, size.keys, bias=False))
    keys = graph.node("Softmax", [graph.flat(graph.conv(even, size.keys, bias=False))], axis=-1)
    cost = size.keys * x.channels * x.cells
    summary = graph.einsum("bkn,bvn->bkv", keys, values, cost=cost)
    heard = graph.einsum("bkn,bkv->bvn", query, summary, cost=cost)

    # Each channel by itself, so those of all rows are rows here.
    alone = Planes(graph.reshape(content.name, -1, 1, x.side, x.side), 1, x.side)
    around = graph.conv(alone, size.positions, 15, bias=False)
    graph.multiply_adds += (x.channels - 1) * size.positions * 15**2 * x.cells
    around = graph.reshape(around.name, -1, x.channels, size.positions, x.cells)
    where = graph.flat(graph.conv(even, size.positions, gain=1 / math.sqrt(size.positions), bias=False))
    near = graph.einsum("bvkn,bkn->bvn", around, where, cost=size.positions * x.channels * x.cells)

    names = graph.linear(context, size.context, size.keys, bias=False, gain=1 / math.sqrt(size.keys))
    scores = graph.einsum("bkn,bmk->bnm", query, names, cost=TOKENS * size.keys * x.cells)
    told = graph.linear(context, size.context, x.channels, bias=False)
    weights = graph.node("Softmax", [scores], axis=-1)
    hint = graph.einsum("bnm,bmv->bvn", weights, told, cost=TOKENS * x.channels * x.cells)

    total = graph.node("Add", [graph.node("Add", [heard, near]), hint])
    back = Planes(graph.reshape(total, 0, x.channels, x.side, x.side), x.channels, x.side)
    return graph.add(x, graph.conv(back, x.channels))


def thinking(graph, x):
    """Three times as many channels, gated, and back."""
    even = graph.norm(x)
    gate = graph.silu(graph.conv(even, 3 * x.channels, bias=False))
    inner = graph.conv(even, 3 * x.channels)
    gated = dataclasses.replace(inner, name=graph.node("Mul", [gate.name, inner.name]))
    return graph.add(x, graph.conv(gated, x.channels, gain=AFTER_SILU))


def denoiser(size):
    graph = Graph("unet", size)
    moment, context = embedded_time(graph), embedded_ids(graph)

    def block(x, channels):
        return thinking(graph, looking(graph, mixed(graph, x, channels, moment), context))

    x = graph.conv(graph.conv(Planes("latent", 9, 64), size.denoiser[0], 3), size.denoiser[0], bias=False)
    passed = [x]
    for level, channels in enumerate(size.denoiser):
        for _ in range(2):
            x = block(x, channels)
            passed.append(x)
        if level < len(size.denoiser) - 1:
            x = graph.conv(x, channels, 3, stride=2, bias=False)
            passed.append(x)
    for level, channels in enumerate(reversed(size.denoiser)):
        for _ in range(3):
            other = passed.pop()
            both = graph.node("Concat", [x.name, other.name], axis=1)
            x = block(Planes(both, x.channels + other.channels, x.side), channels)
        if level < len(size.denoiser) - 1:
            x = graph.conv(graph.enlarged(x), channels, 3, bias=False)
    x = graph.conv(graph.silu(graph.norm(x)), size.denoiser[0], gain=AFTER_SILU)
    graph.conv(x, 4, 3, output="noise")
    inputs = [
        value("latent", TensorProto.FLOAT, 9, 64, 64),
        value("timesteps", TensorProto.INT64),
        value("input_ids", TensorProto.INT64, TOKENS),
    ]
    return graph, inputs, [value("noise", TensorProto.FLOAT, 4, 64, 64)]


# What the published files have: bytes, and thousand million floating-point operations a row (two for a multiply-add).
PUBLISHED = {"vae_encoder": (136_757_093, 1117), "unet": (906_698_976, 316), "vae_decoder": (198_078_671, 2515)}
INITIALISERS = 556


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--tenth", action="store_true", help="about a tenth of the bytes and of the work")
    arguments.add_argument("--seed", type=int, default=0)
    asked = arguments.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for make in (encoder, denoiser, decoder):
        began = time.monotonic()
        graph, inputs, outputs = make(TENTH if asked.tenth else REAL)
        path = graph.write(asked.folder, inputs, outputs, np.random.default_rng(asked.seed))
        (wanted_bytes, wanted_work), length, work = PUBLISHED[graph.name], path.stat().st_size, graph.multiply_adds * 2 / 1e9
        print(
            f"{path}: {length:,} bytes ({length / wanted_bytes:.4%} of the published file's), "
            f"{graph.multiply_adds / 1e9:.1f} G multiply-adds a row = {work:.0f} GFLOP ({work / wanted_work:.1%}), "
            f"{len(graph.nodes)} nodes, {len(graph.weights)} initialisers, {time.monotonic() - began:.0f} s"
        )
        if not asked.tenth:
            assert abs(length / wanted_bytes - 1) < 0.001, "the file has another size"
            assert abs(work / wanted_work - 1) < 0.15, "the graph does another amount of work"
            assert graph.name != "unet" or len(graph.weights) == INITIALISERS, "another number of initialisers"


if __name__ == "__main__":
    main()
