"""What tells filled pictures from real ones while training. None of it ships.

No critic sees the mask: it would know where to look and be certain at once. The pixel critics see grain and seams at
two scales; the sight critics judge the frozen network's features, and so what things look like.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm


class PixelCritic(nn.Module):
    """A map of logits, one for every 8x8 pixels, each seeing 78x78, and the features on the way."""

    def __init__(self, width):
        super().__init__()
        sizes = [(3, width, 4, 2), (width, 2 * width, 4, 2), (2 * width, 4 * width, 4, 2), (4 * width, 4 * width, 3, 1)]
        self.layers = nn.ModuleList([nn.Conv2d(i, o, side, stride, 1) for i, o, side, stride in sizes])
        self.last = nn.Conv2d(4 * width, 1, 3, padding=1)

    def forward(self, x):
        features = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            features.append(x)
        return self.last(x), features


class SightCritic(nn.Module):
    """A map of logits from one tap of the frozen network."""

    def __init__(self, inputs, width=128):
        super().__init__()
        self.first = spectral_norm(nn.Conv2d(inputs, width, 1))
        self.second = spectral_norm(nn.Conv2d(width, width, 3, padding=1))
        self.last = spectral_norm(nn.Conv2d(width, 1, 1))

    def forward(self, x):
        x = F.leaky_relu(self.first(x), 0.2)
        return self.last(F.leaky_relu(self.second(x), 0.2)) * 3


class Critics(nn.Module):
    """Two pixel critics (full and half side), and sight critics of the last two taps."""

    SIGHT_INPUTS = (288, 768)

    def __init__(self):
        super().__init__()
        self.close, self.distant = PixelCritic(56), PixelCritic(40)
        self.sight = nn.ModuleList([SightCritic(inputs) for inputs in self.SIGHT_INPUTS])

    def pixels(self, picture):
        """Logit maps and features of [n, 3, h, w] in [0, 1]."""
        x = picture * 2 - 1
        full, a = self.close(x)
        half, b = self.distant(F.avg_pool2d(x, 2))
        return [full, half], a + b

    def sights(self, features):
        """Logit maps of scaled features at the last taps."""
        return [critic(f) for critic, f in zip(self.sight, features[-len(self.sight) :])]


def filled(mask, logits):
    """Which of a map's logits saw any hole: [n, 1, h, w] f32, 0 or 1."""
    return (F.max_pool2d(mask, mask.shape[3] // logits.shape[3]) > 0).float()


def critic_loss(real, fake, mask):
    """Logistic loss; a filled picture's untouched places count as real, as they are."""
    total = 0.0
    for r, f in zip(real, fake):
        hole, f = filled(mask, f), f.float()
        wrong = (F.softplus(f) * hole).sum() / hole.sum().clamp(min=1)
        kept = (F.softplus(-f) * (1 - hole)).sum() / (1 - hole).sum().clamp(min=1)
        total = total + wrong + 0.5 * (kept + F.softplus(-r.float()).mean())
    return total


def fooling_loss(fake, mask):
    """How sure the critics are that the filled places are filled."""
    total = 0.0
    for f in fake:
        hole = filled(mask, f)
        total = total + (F.softplus(-f.float()) * hole).sum() / hole.sum().clamp(min=1)
    return total


def slope_penalty(critics, picture):
    """R1: the squared slope of the pixel critics at real pictures, mean over the batch (Mescheder et al. 2018)."""
    picture = picture.detach().requires_grad_(True)
    total = sum(logits.sum() for logits in critics.pixels(picture)[0])
    (slope,) = torch.autograd.grad(total, picture, create_graph=True)
    return slope.square().sum((1, 2, 3)).mean()
