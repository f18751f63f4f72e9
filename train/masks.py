"""Holes in the shape of what people remove: figures, poles and signs, wires, things, boxes, strokes of a brush.

All of a batch is drawn at once on the device, as unions of distance tests over the unit square.
"""

import math

import torch

# Shares of the kinds of hole; they need not sum to 1.
SHARES = {"thing": 0.26, "figures": 0.24, "pole": 0.10, "wires": 0.06, "limbs": 0.12, "box": 0.08, "strokes": 0.12}


class Canvas:
    """A batch of squares to draw on; `rand` gives one number for each."""

    def __init__(self, count, side, device):
        self.count, self.side, self.device = count, side, device
        line = (torch.arange(side, device=device) + 0.5) / side
        self.y, self.x = line.view(1, side, 1), line.view(1, 1, side)

    def rand(self, low=0.0, high=1.0):
        return low + (high - low) * torch.rand(self.count, 1, 1, device=self.device)

    def chance(self, p):
        return self.rand() < p

    def empty(self):
        return torch.zeros(self.count, self.side, self.side, dtype=torch.bool, device=self.device)

    def capsule(self, ax, ay, bx, by, radius):
        """Points nearer than `radius` to the line from a to b."""
        ex, ey = bx - ax, by - ay
        t = (((self.x - ax) * ex + (self.y - ay) * ey) / (ex * ex + ey * ey + 1e-6)).clamp(0, 1)
        return (self.x - ax - t * ex).square() + (self.y - ay - t * ey).square() < radius * radius

    def turned(self, cx, cy, angle):
        dx, dy = self.x - cx, self.y - cy
        return dx * angle.cos() + dy * angle.sin(), -dx * angle.sin() + dy * angle.cos()


def thing(c):
    """A star-shaped blob with a wavy outline, sometimes two."""

    def blob():
        u, v = c.turned(c.rand(), c.rand(), c.rand(0, math.pi))
        u = u * torch.exp(c.rand(-0.7, 0.7))
        angle, outline = torch.atan2(v, u), torch.ones_like(u)
        for k in range(1, 8):
            outline = outline + c.rand(-0.5, 0.5) * (1.1 / k**0.8) * torch.cos(k * angle + c.rand(0, 6.3))
        return (u * u + v * v).sqrt() < outline.clamp(min=0.25) * (0.06 + 0.30 * c.rand() ** 1.3)

    return blob() | (blob() & c.chance(0.4))


def figures(c):
    """One to three people: head, torso, arms, legs, some leaning, some cut off by the picture's edge."""

    def figure(tallest):
        tall, foot_x, foot_y, lean = c.rand(0.25, tallest), c.rand(), c.rand(0.55, 1.15), c.rand(-0.12, 0.12)
        stout = c.rand(0.8, 1.5)

        def at(across, up):
            return foot_x + (across * stout + lean * up) * tall, foot_y - up * tall

        def part(ax, ay, bx, by, radius):
            return c.capsule(*at(ax, ay), *at(bx, by), radius * stout * tall)

        hands = c.rand(-0.05, 0.12)
        m = part(0, 0.92, 0, 0.93, 0.075) | part(0, 0.55, 0, 0.76, 0.105)
        for sign in (-1, 1):
            m |= part(sign * 0.04, 0.5, sign * c.rand(0.03, 0.16), 0.0, 0.052)
            m |= part(sign * 0.11, 0.77, sign * (0.15 + hands), c.rand(0.36, 0.75), 0.036)
        return m

    return figure(1.1) | (figure(0.7) & c.chance(0.4)) | (figure(0.7) & c.chance(0.25))


def pole(c):
    """An upright that crosses much of the picture, often with a sign or lamp at its head."""
    foot_x, lean, radius = c.rand(), c.rand(-0.06, 0.06), 0.006 + 0.03 * c.rand() ** 2
    top, bottom = c.rand(-0.1, 0.5), c.rand(0.6, 1.1)
    head_x = foot_x + lean
    u, v = (c.x - head_x).abs(), (c.y - top.clamp(min=0.05)).abs()
    board = (u < c.rand(0.03, 0.16)) & (v < c.rand(0.03, 0.12))
    return c.capsule(foot_x, bottom, head_x, top, radius) | (board & c.chance(0.6))


def wires(c):
    """One to four thin lines that sag from side to side."""
    m = c.empty()
    turn = c.chance(0.2)
    for k in range(4):
        ay, by, sag, radius = c.rand(), c.rand(), c.rand(-0.05, 0.2), c.rand(0.004, 0.013)
        line = c.empty()
        for i in range(6):
            s, t = i / 6, (i + 1) / 6
            line |= c.capsule(
                s, ay + (by - ay) * s + sag * s * (1 - s) * 4, t, ay + (by - ay) * t + sag * t * (1 - t) * 4, radius
            )
        m |= line & c.chance(1.0 if k == 0 else 0.45)
    return torch.where(turn, m.transpose(1, 2), m)


def walk(c, joints, step, thinnest, thickest, lifted):
    """A chain of capsules that turns at random: limbs when short and thick, brush strokes when long and thin."""
    x, y, angle, radius = c.rand(), c.rand(), c.rand(0, 6.3), c.rand(thinnest, thickest)
    m = c.empty()
    for _ in range(joints):
        angle = angle + c.rand(-1.5, 1.5)
        length = step * c.rand(0.3, 1.3)
        to_x, to_y = (x + length * angle.cos()).clamp(0, 1), (y + length * angle.sin()).clamp(0, 1)
        m |= c.capsule(x, y, to_x, to_y, radius * c.rand(0.6, 1.4)) & c.chance(1 - lifted)
        x, y = to_x, to_y
    return m


def box(c):
    u, v = c.turned(c.rand(), c.rand(), c.rand(-0.75, 0.75) * c.chance(0.5))
    return (u.abs() < c.rand(0.05, 0.32)) & (v.abs() < c.rand(0.05, 0.32))


DRAW = {
    "thing": thing,
    "figures": figures,
    "pole": pole,
    "wires": wires,
    "limbs": lambda c: walk(c, 6, 0.22, 0.03, 0.09, 0.0),
    "box": box,
    "strokes": lambda c: walk(c, 9, 0.3, 0.012, 0.06, 0.15),
}


def bank(count, side, device, smallest=0.02, largest=0.42):
    """[count, 1, side, side] u8, 1 = hole; the hole covers between `smallest` and `largest` of the square."""
    made, have, chunk = [], 0, 256 if side <= 256 else 64
    names = list(SHARES)
    shares = torch.tensor([SHARES[name] for name in names])
    while have < count:
        for name, n in zip(names, torch.multinomial(shares, chunk, True).bincount(minlength=len(names)).tolist()):
            if n:
                m = DRAW[name](Canvas(n, side, device))
                area = m.float().mean((1, 2))
                made.append(m[(area > smallest) & (area < largest)].to(torch.uint8))
                have += len(made[-1])
    return torch.cat(made)[torch.randperm(have, device=device)[:count], None]


def draw(masks, count):
    """`count` masks of a bank, mirrored at random; [count, 1, side, side] f32."""
    m = masks[torch.randint(0, len(masks), (count,), device=masks.device)]
    return (m.flip(3) if torch.rand(()) < 0.5 else m).float()
