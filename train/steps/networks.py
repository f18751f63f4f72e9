"""A small latent diffusion model that fills holes: an autoencoder to cells of 8x8 pixels, and the denoiser of its latents.

Tensors are named, ordered and scaled as those of the big model are, so that the program runs both in the same way.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

CHANNELS = 4
TIMESTEPS = 1000
# Ids: how much there is to see in the hole beside the whole picture, in quarters; the last one says nothing.
QUARTERS, NOTHING = 4, 4


def betas():
    """[1000]: how noise grew in training, the square roots of beta evenly spaced."""
    return torch.linspace(0.00085**0.5, 0.012**0.5, TIMESTEPS) ** 2


class Block(nn.Module):
    """Two 3x3 layers with a way around them; `told` moves and scales what lies between."""

    def __init__(self, into, out, told=0):
        super().__init__()
        self.first = nn.Sequential(nn.GroupNorm(16, into), nn.SiLU(), nn.Conv2d(into, out, 3, padding=1))
        self.norm = nn.GroupNorm(16, out)
        self.second = nn.Sequential(nn.SiLU(), nn.Conv2d(out, out, 3, padding=1))
        self.told = nn.Linear(told, 2 * out) if told else None
        self.around = nn.Conv2d(into, out, 1) if into != out else nn.Identity()
        nn.init.zeros_(self.second[1].weight)
        nn.init.zeros_(self.second[1].bias)

    def forward(self, x, told=None):
        y = self.norm(self.first(x))
        if told is not None:
            scale, shift = self.told(told)[:, :, None, None].chunk(2, 1)
            y = y * (1 + scale) + shift
        return self.around(x) + self.second(y)


class Attention(nn.Module):
    """Every cell looks at every other one."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(16, width)
        self.ask = nn.Conv2d(width, 3 * width, 1)
        self.answer = nn.Conv2d(width, width, 1)
        nn.init.zeros_(self.answer.weight)
        nn.init.zeros_(self.answer.bias)

    def forward(self, x):
        n, width, h, w = x.shape
        parts = self.ask(self.norm(x)).reshape(n, 3, self.heads, width // self.heads, h * w).transpose(3, 4)
        seen = F.scaled_dot_product_attention(parts[:, 0], parts[:, 1], parts[:, 2])
        return x + self.answer(seen.transpose(2, 3).reshape(n, width, h, w))


def enlarge(into, out):
    return nn.Sequential(nn.Upsample(scale_factor=2, mode="nearest"), nn.Conv2d(into, out, 3, padding=1))


class Encoder(nn.Module):
    """[n, 3, h, w] in [-1, 1] -> moments [n, 8, h / 8, w / 8]: means, then logarithms of variances."""

    def __init__(self, widths=(48, 96, 160)):
        super().__init__()
        a, b, c = widths
        self.layers = nn.Sequential(
            nn.PixelUnshuffle(2),
            *(nn.Conv2d(12, a, 3, padding=1), Block(a, a)),
            *(nn.Conv2d(a, b, 3, 2, 1), Block(b, b)),
            *(nn.Conv2d(b, c, 3, 2, 1), Block(c, c), Block(c, c)),
            *(nn.GroupNorm(16, c), nn.SiLU(), nn.Conv2d(c, 2 * CHANNELS, 3, padding=1)),
        )

    def forward(self, image):
        mean, log_variance = self.layers(image).chunk(2, 1)
        return torch.cat([mean, log_variance.clamp(-20, 5)], 1)


class Decoder(nn.Module):
    """[n, 4, h / 8, w / 8] -> [n, 3, h, w] in about [-1, 1]."""

    def __init__(self, widths=(48, 96, 192)):
        super().__init__()
        a, b, c = widths
        self.layers = nn.Sequential(
            *(nn.Conv2d(CHANNELS, c, 3, padding=1), Block(c, c), Attention(c, 4), Block(c, c)),
            *(enlarge(c, b), Block(b, b), Block(b, b)),
            *(enlarge(b, a), Block(a, a), Block(a, a)),
            *(nn.GroupNorm(16, a), nn.SiLU(), nn.Conv2d(a, 12, 3, padding=1), nn.PixelShuffle(2)),
        )

    def forward(self, latent):
        return self.layers(latent)


class Denoiser(nn.Module):
    """Latent, mask and surroundings [n, 9, h, w], timesteps [n] and ids [n, 1] -> the noise [n, 4, h, w]."""

    def __init__(self, widths=(96, 160, 224), told=384):
        super().__init__()
        a, b, c = widths
        self.frequencies = 64
        self.ids = nn.Embedding(QUARTERS + 1, told)
        self.time = nn.Sequential(nn.Linear(2 * self.frequencies, told), nn.SiLU(), nn.Linear(told, told))
        self.first = nn.Conv2d(2 * CHANNELS + 1, a, 3, padding=1)
        self.down = nn.ModuleList([Block(a, a, told), Block(a, a, told), Block(b, b, told), Block(b, b, told)])
        self.smaller = nn.ModuleList([nn.Conv2d(a, b, 3, 2, 1), nn.Conv2d(b, c, 3, 2, 1)])
        self.middle = nn.ModuleList([Block(c, c, told), Block(c, c, told), Block(c, c, told)])
        self.up = nn.ModuleList(
            [Block(2 * b, b, told), Block(2 * b, b, told), Block(2 * a, a, told), Block(2 * a, a, told)]
        )
        self.larger = nn.ModuleList([enlarge(c, b), enlarge(b, a)])
        self.look = nn.ModuleList([Attention(b, 4), Attention(c, 4), Attention(c, 4), Attention(b, 4)])
        self.last = nn.Sequential(nn.GroupNorm(16, a), nn.SiLU(), nn.Conv2d(a, CHANNELS, 3, padding=1))

    def told(self, timesteps, ids):
        line = torch.arange(self.frequencies, device=timesteps.device, dtype=torch.float32)
        phase = timesteps.float()[:, None] * torch.exp(-math.log(10_000) / self.frequencies * line)
        return F.silu(self.time(torch.cat([phase.cos(), phase.sin()], 1)) + self.ids(ids).mean(1))

    def forward(self, latent, timesteps, ids):
        told = self.told(timesteps, ids)
        x = self.first(latent)
        one = self.down[0](x, told)
        two = self.down[1](one, told)
        three = self.down[2](self.smaller[0](two), told)
        four = self.look[0](self.down[3](three, told))
        x = self.look[1](self.middle[0](self.smaller[1](four), told))
        x = self.middle[2](self.look[2](self.middle[1](x, told)), told)
        x = self.up[0](torch.cat([self.larger[0](x), four], 1), told)
        x = self.look[3](self.up[1](torch.cat([x, three], 1), told))
        x = self.up[2](torch.cat([self.larger[1](x), two], 1), told)
        return self.last(self.up[3](torch.cat([x, one], 1), told))
