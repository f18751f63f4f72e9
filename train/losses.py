"""What a fill is measured by while training, each as a gradient at the picture.

The gradients are brought to one size there and mixed by fixed shares, so that no share depends on the unit of its
loss; the generator is then gone through once.
"""

import torch
import torch.nn.functional as F

from features import INCEPTION_TAPS

TAP_SHARES = (0.5, 1.0, 1.0, 1.0, 1.0)
# Taps whose correlations describe texture.
STYLE_TAPS = (1, 2, 3)
STYLE_SHARE = 0.35
# The side of what the coarsest features stand for: a grid repeats with it, or with a part of it.
PERIOD = 16
# Of `coarse_slope`: pixels, and of 1.
COARSE, AGREED = 4, 0.05


class Sight:
    """The frozen network, its features divided by their usual size."""

    def __init__(self, network, precision):
        self.network, self.precision, self.scales = network, precision, None

    def __call__(self, picture):
        with self.precision():
            found = self.network(picture)
        if self.scales is None:
            self.scales = [f.detach().float().std((0, 2, 3), keepdim=True).clamp(min=1e-2) for f in found]
        return [f.float() / scale for f, scale in zip(found, self.scales)]


def color(out, truth, mask):
    """Absolute difference at three scales, the known area counting little."""
    weight = mask + 0.1
    total = ((out - truth).abs() * weight).mean()
    for side in (4, 16):
        total = total + (F.avg_pool2d((out - truth) * mask, side)).abs().mean()
    return total


def ssim(out, truth, mask):
    """One minus the similarity in the hole (Wang et al. 2004) of the grey pictures, a Gaussian window of deviation 1.5."""
    line = torch.arange(-5, 6, device=out.device, dtype=out.dtype)
    window = torch.exp(-line.square() / (2 * 1.5**2))
    window = window / window.sum()
    across, down = window.view(1, 1, 1, -1), window.view(1, 1, -1, 1)
    blurred = lambda x: F.conv2d(F.conv2d(x, across, padding=(0, 5)), down, padding=(5, 0))
    grey = lambda x: 0.299 * x[:, :1] + 0.587 * x[:, 1:2] + 0.114 * x[:, 2:]
    a, b = grey(truth + (out - truth) * mask), grey(truth)
    c, d = 0.01**2, 0.03**2
    ma, mb = blurred(a), blurred(b)
    va, vb, both = blurred(a * a) - ma * ma, blurred(b * b) - mb * mb, blurred(a * b) - ma * mb
    like = (2 * ma * mb + c) * (2 * both + d) / ((ma * ma + mb * mb + c) * (va + vb + d))
    return ((1 - like) * mask).sum() / mask.sum().clamp(min=1)


def coarse_slope(out, wanted, mask):
    """How what is coarser than COARSE pixels would come nearer to what is wanted, in the hole.

    The texture step keeps that part of a fill; what is finer is left alone, for a mean has little of it. The slope grows
    with the difference up to AGREED and no further, so that the few holes with the most of it don't outweigh all others.
    """
    off = F.avg_pool2d((out - wanted) * mask, COARSE).clamp(-AGREED, AGREED)
    return F.interpolate(off, scale_factor=COARSE, mode="bilinear", align_corners=False) * mask


def look(fake, real):
    """Difference of the frozen network's features."""
    shares = zip(TAP_SHARES[: len(INCEPTION_TAPS)], fake, real)
    return sum(share * (a - b).abs().mean() for share, a, b in shares)


def style(fake, real, mask):
    """Difference of the features' correlations within the hole (Gatys et al. 2016)."""

    def gram(f, hole):
        f = (f * hole).flatten(2)
        return torch.bmm(f, f.transpose(1, 2)) / hole.sum((1, 2, 3)).clamp(min=1).view(-1, 1, 1)

    total = 0.0
    for tap in STYLE_TAPS:
        hole = F.avg_pool2d(mask, mask.shape[3] // fake[tap].shape[3])
        total = total + (gram(fake[tap], hole) - gram(real[tap], hole)).abs().mean()
    return total


def lattice(out, truth, mask):
    """The squared error that repeats every PERIOD pixels, as a grid in a fill does.

    Errors that do not repeat cancel in the mean over a hole's blocks; what all blocks have in common is a shade, not a grid.
    """

    def fold(x):
        rows = x.unflatten(3, (-1, PERIOD)).sum(3)
        return rows.unflatten(2, (-1, PERIOD)).sum(2)

    blocks = fold(mask)
    repeated = fold((out - truth) * mask) / blocks.clamp(min=1)
    known = blocks.clamp(max=1)
    shade = (repeated * known).sum((2, 3), keepdim=True) / known.sum((2, 3), keepdim=True).clamp(min=1)
    return ((repeated - shade).square() * blocks).mean()


def likeness(fake, real):
    """Difference of the pixel critics' features."""
    pairs = ((a.float(), b.float()) for a, b in zip(fake, real))
    return sum((a - b).abs().mean() / b.abs().mean().clamp(min=1e-3) for a, b in pairs)


class Mixer:
    """Mixes gradients by shares after bringing each to its usual size; a sudden large one is cut to three times that."""

    def __init__(self, shares):
        self.shares, self.sizes = shares, {}

    def add(self, total, name, gradient, ramp=1.0):
        gradient = torch.nan_to_num(gradient.float())
        size = gradient.square().mean().sqrt()
        known = self.sizes.get(name)
        usual = self.sizes[name] = size if known is None else known.lerp_(size, 0.02)
        cut = torch.clamp(3 * usual / (size + 1e-12), max=1.0)
        return total + gradient * (self.shares[name] * ramp / (usual + 1e-12)) * cut
