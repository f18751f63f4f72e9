"""The generator: a U-shaped convolutional network with attention at a sixteenth of the side.

Contract: image [n, 3, h, w] in [0, 1] (what it holds inside the hole is ignored), mask [n, 1, h, w] with
1 = hole, h and w multiples of 16 -> the picture with its hole filled, [n, 3, h, w] in [0, 1].
Convolutions, linear resizing, matrix products, softmax, elementwise and shape operators only, so that every
runtime can run the exported graph.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

# Channels at a half, a quarter, an eighth and a sixteenth of the side.
WIDTHS = (24, 56, 112, 192)
# How strongly a token that is all hole is hidden from attention, as a logit.
HIDDEN = -60.0


class Conv(nn.Module):
    """Convolution, batch norm and, unless told otherwise, ReLU. The norm folds into the weights on export."""

    def __init__(self, inputs, outputs, side=3, stride=1, dilation=1, active=True):
        super().__init__()
        padding = (side - stride + 1) // 2 if stride > 1 else (side - 1) // 2 * dilation
        self.conv = nn.Conv2d(inputs, outputs, side, stride, padding, dilation, bias=False)
        self.norm = nn.BatchNorm2d(outputs, momentum=0.02)
        self.active = active

    def forward(self, x):
        x = self.norm(self.conv(x))
        return F.relu(x) if self.active else x


class Residual(nn.Module):
    """Two 3x3 convolutions beside the identity, the first dilated."""

    def __init__(self, width, dilation=1, inner=None):
        super().__init__()
        self.first = Conv(width, inner or width, dilation=dilation)
        self.second = Conv(inner or width, width, active=False)
        nn.init.constant_(self.second.norm.weight, 0.2)

    def forward(self, x):
        return x + self.second(self.first(x))


class Attention(nn.Module):
    """Every token draws on all others, in proportion to how little of them is hole.

    With `fine` channels, the same weights also carry the features of the level above, 2x2 of them a token:
    where to look is decided coarsely, what is brought from there is finer.
    """

    def __init__(self, width, key_width=64, fine=0, fine_inner=48):
        super().__init__()
        self.norm = nn.BatchNorm2d(width, momentum=0.02)
        self.query = nn.Conv2d(width, key_width, 1)
        self.key = nn.Conv2d(width, key_width, 1)
        self.value = nn.Conv2d(width, width, 1)
        self.output = nn.Conv2d(width, width, 1)
        self.sharpness = nn.Parameter(torch.tensor(math.log(10.0)))
        nn.init.normal_(self.output.weight, std=0.02)
        self.split = (width, 4 * fine_inner)
        if fine:
            self.fine_value = nn.Conv2d(fine, 4 * fine_inner, 2, 2)
            self.fine_output = nn.Conv2d(fine_inner, fine, 1)
            nn.init.normal_(self.fine_output.weight, std=0.02)

    def forward(self, x, hole, fine=None):
        n, _, h, w = x.shape
        y = self.norm(x)
        query = unit(tokens(self.query(y))) * self.sharpness.exp()
        key = unit(tokens(self.key(y)))
        value = tokens(self.value(y))
        if fine is not None:
            value = torch.cat([value, tokens(self.fine_value(fine))], 2)
        weights = torch.softmax(query @ key.transpose(1, 2) + hole.flatten(2) * HIDDEN, -1)
        drawn = (weights @ value).transpose(1, 2).reshape(n, -1, h, w)
        if fine is None:
            return x + self.output(drawn)
        coarse, finer = drawn.split(self.split, 1)
        return x + self.output(coarse), self.fine_output(F.pixel_shuffle(finer, 2))


def tokens(x):
    """[n, c, h, w] -> [n, h w, c]"""
    return x.flatten(2).transpose(1, 2)


def unit(x):
    return x * torch.rsqrt((x * x).sum(-1, keepdim=True) + 1e-4)


def doubled(x):
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


class Generator(nn.Module):
    """See the module. In training mode the output is not composited: the loss sees the known area too."""

    def __init__(self, widths=WIDTHS):
        super().__init__()
        half, quarter, eighth, low = widths
        self.to_half = Conv(4, half, 4, 2)
        self.to_quarter = nn.Sequential(Conv(half, quarter, 4, 2), Residual(quarter, inner=32))
        self.to_eighth = nn.Sequential(Conv(quarter, eighth, 4, 2), Residual(eighth, 2))
        self.to_low = Conv(eighth, low, 4, 2)
        self.low = nn.ModuleList([Residual(low, dilation) for dilation in (1, 2, 4)])
        self.look = Attention(low)
        self.fetch = Attention(low, fine=eighth)
        self.from_low = Conv(low, eighth, 1, active=False)
        self.at_eighth = nn.Sequential(Residual(eighth, 2), Residual(eighth, 4))
        self.from_eighth = Conv(eighth, quarter, 1, active=False)
        self.at_quarter = Residual(quarter, 2)
        self.from_quarter = Conv(quarter, half, 1, active=False)
        self.at_half = Residual(half)
        self.to_pixels = nn.Conv2d(half, 12, 3, padding=1)
        # At the full side only a light touch: it ties the fill to the pixels around it.
        self.touch = nn.Sequential(Conv(7, 8), nn.Conv2d(8, 3, 3, padding=1))
        nn.init.normal_(self.touch[1].weight, std=0.01)

    def forward(self, image, mask):
        keep = 1 - mask
        x = torch.cat([(image - 0.5) * 2 * keep, mask * 2 - 1], 1)
        hole = F.avg_pool2d(mask, 16)
        half = self.to_half(x)
        quarter = self.to_quarter(half)
        eighth = self.to_eighth(quarter)
        low = self.low[0](self.to_low(eighth))
        low = self.low[1](self.look(low, hole))
        low, brought = self.fetch(low, hole, eighth)
        low = self.low[2](low)
        y = self.at_eighth(F.relu(eighth + brought + doubled(self.from_low(low))))
        y = self.at_quarter(F.relu(quarter + doubled(self.from_eighth(y))))
        y = self.at_half(F.relu(half + doubled(self.from_quarter(y))))
        y = F.pixel_shuffle(self.to_pixels(y), 2)
        y = torch.tanh(y + self.touch(torch.cat([y, x], 1))) * 0.5 + 0.5
        return y if self.training else image * keep + y * mask
