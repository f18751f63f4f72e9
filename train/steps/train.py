"""Trains the autoencoder, then the denoiser, within a given time: `python3 train.py --help`. One graphics card."""

import argparse
import copy
import sys
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from networks import CHANNELS, NOTHING, QUARTERS, TIMESTEPS, Decoder, Denoiser, Encoder, betas

sys.path.append(str(Path(__file__).resolve().parent.parent))
import masks

SIDE, CELL = 256, 8
# Pictures are kept a little larger than they are shown, so that they can be shown moved.
KEPT = 272
NOISE_OFFSET = 0.0357
# Share of the rows that are told nothing: what guidance leads away from.
UNTOLD = 0.2
AVERAGE = 0.999


def arguments():
    p = argparse.ArgumentParser(description="Trains a small latent diffusion model for studying samplers")
    p.add_argument("--tiles", required=True, help="folder of .tar archives of square pictures")
    p.add_argument("--out", required=True, type=Path)
    p.add_argument("--seconds", type=float, default=400, help="of training, from when the pictures are read")
    p.add_argument("--autoencoder", type=float, default=0.27, help="share of the time for the autoencoder")
    p.add_argument("--batch", type=int, nargs=2, default=[64, 256])
    p.add_argument("--rate", type=float, nargs=2, default=[6e-4, 5e-4])
    p.add_argument("--most", type=int, default=10**9, help="most pictures")
    p.add_argument("--seed", type=int, default=7)
    return p.parse_args()


def pictures(folder, most):
    """[n, 272, 272, 3] u8."""

    def decode(blob):
        picture = cv2.imdecode(np.frombuffer(blob, np.uint8), cv2.IMREAD_COLOR)
        return cv2.resize(picture, (KEPT, KEPT), interpolation=cv2.INTER_AREA)[:, :, ::-1]

    blobs = []
    for path in sorted(Path(folder).glob("*.tar")):
        with tarfile.open(path) as archive:
            blobs += [archive.extractfile(member).read() for member in archive.getmembers() if member.isfile()]
    with ThreadPoolExecutor(12) as pool:
        return torch.from_numpy(np.stack(list(pool.map(decode, blobs[:most]))))


class Trainer:
    """What both parts need."""

    def __init__(self, args):
        self.args, self.cuda = args, torch.cuda.is_available()
        self.device = torch.device("cuda" if self.cuda else "cpu")
        torch.manual_seed(args.seed)
        if self.cuda:
            torch.backends.cudnn.benchmark = True
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        self.pictures = pictures(args.tiles, args.most).to(self.device)
        self.masks = masks.bank(8000 if self.cuda else 64, SIDE, self.device)
        self.started = time.time()
        print(f"{len(self.pictures)} pictures", flush=True)

    def precision(self):
        return torch.autocast("cuda", torch.bfloat16) if self.cuda else nullcontext()

    def put(self, network):
        return network.to(self.device, memory_format=torch.channels_last)

    def batch(self, count):
        """[count, 3, 256, 256] in [-1, 1], moved and mirrored at random."""
        chosen = torch.randint(0, len(self.pictures), (count,), device=self.device)
        line = torch.arange(SIDE, device=self.device)
        y, x = (torch.randint(0, KEPT - SIDE + 1, (2, count, 1), device=self.device) + line).unbind()
        x = torch.where(torch.rand(count, 1, device=self.device) < 0.5, x, x.flip(1))
        picture = self.pictures[chosen[:, None, None], y[:, :, None], x[:, None, :]]
        return (picture.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)

    def until(self, share, begun, optimizer, rate):
        """Whether there is time for another step; sets its rate."""
        end = share * self.args.seconds
        at = (time.time() - self.started - begun) / (end - begun)
        optimizer.param_groups[0]["lr"] = rate * min(1, 40 * at + 0.02, 2.2 * (1 - at) + 0.02)
        return at < 1

    def autoencoder(self):
        encoder, decoder = self.put(Encoder()), self.put(Decoder())
        both = [*encoder.parameters(), *decoder.parameters()]
        optimizer, step = torch.optim.AdamW(both, weight_decay=0.01, fused=self.cuda), 0
        while self.until(self.args.autoencoder, 0, optimizer, self.args.rate[0]):
            truth = self.batch(self.args.batch[0])
            hole = masks.draw(self.masks, len(truth))
            # Later it is shown pictures with a grey hole as well.
            truth[: len(truth) // 4] *= 1 - hole[: len(truth) // 4]
            with self.precision():
                mean, log_variance = encoder(truth).float().chunk(2, 1)
                made = decoder(mean + torch.randn_like(mean) * (0.5 * log_variance).exp()).float()
            loss = (made - truth).abs().mean()
            for scale in (1, 2):
                a, b = (F.avg_pool2d(x, scale) for x in (made, truth))
                loss = loss + sum((a.diff(dim=d) - b.diff(dim=d)).abs().mean() for d in (2, 3)) / scale
            spread = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()
            self.descend(optimizer, both, loss + 1e-4 * spread)
            step += 1
            if step % 500 == 0:
                told = f"error {(made - truth).abs().mean():.4f}, spread {spread:.2f}"
                print(f"[{time.time() - self.started:6.1f}] autoencoder {step}: {told}", flush=True)
        return encoder.eval().requires_grad_(False), decoder.eval().requires_grad_(False)

    @staticmethod
    def descend(optimizer, parameters, loss):
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()

    @torch.no_grad()
    def latents(self, encoder, picture):
        with self.precision():
            return encoder(picture)[:, :CHANNELS].float()

    def denoiser(self, encoder, scale):
        network = self.put(Denoiser())
        average, step = copy.deepcopy(network).requires_grad_(False), 0
        optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.01, fused=self.cuda)
        alpha_bar = torch.cumprod(1 - betas().double(), 0).float().to(self.device)
        limits = self.limits(1024 if self.cuda else 16)
        begun, total = time.time() - self.started, 0.0
        while self.until(1, begun, optimizer, self.args.rate[1]):
            truth = self.batch(self.args.batch[1])
            hole = masks.draw(self.masks, len(truth))
            clean, around = (scale * self.latents(encoder, x) for x in (truth, truth * (1 - hole)))
            timesteps = torch.randint(0, TIMESTEPS, (len(truth),), device=self.device)
            noise = torch.randn_like(clean) + NOISE_OFFSET * torch.randn(*clean.shape[:2], 1, 1, device=self.device)
            part = alpha_bar[timesteps].view(-1, 1, 1, 1)
            sample = part.sqrt() * clean + (1 - part).sqrt() * noise
            ids = torch.bucketize(busy(truth, hole), limits)[:, None]
            ids = torch.where(torch.rand(len(ids), 1, device=self.device) < UNTOLD, NOTHING, ids)
            with self.precision():
                seen = network(torch.cat([sample, hole[:, :, ::CELL, ::CELL], around], 1), timesteps, ids)
            loss = (seen.float() - noise).square().mean()
            self.descend(optimizer, network.parameters(), loss)
            keep = min(AVERAGE, (step + 1) / (step + 10))
            torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 1 - keep)
            total, step = total + loss.detach(), step + 1
            if step % 500 == 0:
                print(f"[{time.time() - self.started:6.1f}] denoiser {step}: {total.item() / 500:.4f}", flush=True)
                total = 0.0
        print(f"denoiser: {step} steps", flush=True)
        return average

    def limits(self, count):
        """Between the quarters of what holes are like."""
        truth, hole = self.batch(count), masks.draw(self.masks, count)
        return torch.quantile(busy(truth, hole), torch.arange(1, QUARTERS, device=self.device) / QUARTERS)


def busy(picture, hole):
    """[n]: how much neighbouring pixels differ in the hole, beside the whole picture."""
    grey = picture.mean(1, keepdim=True)
    slope = grey.diff(dim=2, append=grey[:, :, -1:]).abs() + grey.diff(dim=3, append=grey[..., -1:]).abs()
    inside = (slope * hole).sum((1, 2, 3)) / hole.sum((1, 2, 3)).clamp(min=1)
    return inside / (slope.mean((1, 2, 3)) + 1e-3)


def save(network, path):
    """Weights in half precision, in parts of at most 15 MiB."""
    part, size, parts = {}, 0, []
    for name, value in network.state_dict().items():
        value = value.half().cpu().contiguous()
        if size + value.nbytes > 15 << 20:
            parts.append(part)
            part, size = {}, 0
        part[name], size = value, size + value.nbytes
    for i, one in enumerate([*parts, part]):
        torch.save(one, f"{path}_{i}.pt")


def main():
    args = arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(args)
    encoder, decoder = trainer.autoencoder()
    save(encoder, args.out / "encoder")
    save(decoder, args.out / "decoder")
    scale = 1 / trainer.latents(encoder, trainer.batch(64 if trainer.cuda else 4)).std().item()
    (args.out / "scale").write_text(f"{scale:.5f}\n")
    print(f"latents times {scale:.5f}", flush=True)
    save(trainer.denoiser(encoder, scale), args.out / "denoiser")


if __name__ == "__main__":
    main()
