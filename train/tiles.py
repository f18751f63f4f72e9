"""Training photographs, resident on the device as bytes, and the crops taken from them."""

import re
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F

SIDE = 512
# How often a tile of a source is drawn: doors and kitchens are much alike; the
# sources with a tile or two a photograph are the most varied.
WEIGHTS = {"door": 0.8, "cid22train": 2.5, "clic": 1.5, "gb82": 1.5}

# Of every so many photographs one is not trained on: runs are chosen between by these.
HELD_OUT = 20


def held_out(name):
    """Whether a tile, `source_photo_part.webp`, is of a photograph that isn't trained on."""
    return int(name.split("_")[1]) % HELD_OUT == 7


class Tiles:
    """Photographs of 512x512. Archives that arrive in the folder while training runs are read too."""

    def __init__(self, folder, device, capacity, archives):
        self.bytes = torch.empty(capacity, SIDE, SIDE, 3, dtype=torch.uint8, device=device)
        self.weights = torch.zeros(capacity, device=device)
        self.count, self.folder, self.archives, self.read = 0, Path(folder), archives, set()
        self.poll()

    def poll(self):
        """Reads what is new. An archive counts as complete once `<name>.done` lies beside it, unless all were there from the start."""
        for path in sorted(self.folder.glob("*.tar")):
            complete = self.archives == 0 or path.with_suffix(".done").exists()
            if path in self.read or not complete:
                continue
            self.read.add(path)
            with tarfile.open(path) as archive:
                members = [
                    m for m in archive.getmembers() if m.name.endswith(".webp") and not held_out(Path(m.name).name)
                ]
                blobs = [(Path(m.name).name, archive.extractfile(m).read()) for m in members]
            with ThreadPoolExecutor(12) as pool:
                for at in range(0, len(blobs), 256):
                    self.add(
                        [n for n, _ in blobs[at : at + 256]],
                        list(pool.map(decode, [b for _, b in blobs[at : at + 256]])),
                    )

    def add(self, names, pictures):
        room = len(self.bytes) - self.count
        pictures, names = pictures[:room], names[:room]
        if not pictures:
            return
        end = self.count + len(pictures)
        self.bytes[self.count : end] = torch.from_numpy(np.stack(pictures)).to(self.bytes.device)
        weights = [WEIGHTS.get(re.match(r"[^_]+", name)[0], 1.0) for name in names]
        self.weights[self.count : end] = torch.tensor(weights, device=self.bytes.device)
        self.count = end

    def batch(self, count, side):
        """[count, 3, side, side] f32 in [0, 1], channels last: crops, mirrored and recoloured at random.

        Below the tiles' own side the whole batch shows the world at one scale, drawn anew each time.
        """
        device = self.bytes.device
        crop = SIDE if side == SIDE else int(torch.randint(side, SIDE + 1, ()).item())
        chosen = torch.multinomial(self.weights[: self.count], count, True)
        line = torch.arange(crop, device=device)
        y = torch.randint(0, SIDE - crop + 1, (count, 1), device=device) + line
        x = torch.randint(0, SIDE - crop + 1, (count, 1), device=device) + line
        x = torch.where(torch.rand(count, 1, device=device) < 0.5, x, x.flip(1))
        picture = self.bytes[chosen[:, None, None], y[:, :, None], x[:, None, :]].permute(0, 3, 1, 2).float() / 255
        if crop != side:
            picture = F.interpolate(picture, (side, side), mode="bilinear", antialias=True, align_corners=False)
        return recoloured(picture).contiguous(memory_format=torch.channels_last)


def decode(blob):
    return np.ascontiguousarray(cv2.imdecode(np.frombuffer(blob, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1])


def recoloured(x):
    """Contrast, colour and brightness, a little, of most pictures."""
    n, device = len(x), x.device
    gain = (torch.rand(n, 1, 1, 1, device=device) * 0.5 + 0.7) * (torch.rand(n, 3, 1, 1, device=device) * 0.12 + 0.94)
    shift = (torch.rand(n, 1, 1, 1, device=device) - 0.5) * 0.15
    changed = ((x - 0.5) * gain + 0.5 + shift).clamp(0, 1)
    return torch.where(torch.rand(n, 1, 1, 1, device=device) < 0.6, changed, x)
