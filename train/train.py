"""Trains the generator within a given time: `python3 train.py --help`. One process for each device.

First at 256x256, then at 512x512. A run goes on from `checkpoint.pt` with `--resume`.
"""

import argparse
import copy
import json
import math
import os
import time
from contextlib import nullcontext
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as mp

import checkpoint
import features
import losses
import masks
import warm
from critic import Critics, critic_loss, filled, fooling_loss, slope_penalty
from model import Generator
from tiles import Tiles

# Critics and features see pictures moved by up to this: what repeats with the networks' strides is seen as it is.
JITTER = 16
AVERAGE = 0.998
SLOPE_EVERY, SLOPE_WEIGHT = 4, 0.0002


def arguments():
    p = argparse.ArgumentParser(description="Trains Lite")
    p.add_argument("--tiles", required=True, help="folder of .tar archives of 512x512 pictures")
    p.add_argument("--archives", type=int, default=0, help="how many archives there will be; 0: those that are there")
    p.add_argument("--features", required=True, help="inception_v3.npz, made by features.py")
    p.add_argument("--out", required=True)
    p.add_argument("--resume", default="", help="a checkpoint.pt")
    p.add_argument("--begin", default="", help="an exported model to begin from, when there is no checkpoint")
    p.add_argument("--world", type=int, default=1, help="processes, one for each device")
    p.add_argument("--seconds", type=float, default=1260)
    p.add_argument("--max-steps", type=int, default=10**9)
    p.add_argument("--late", type=float, default=0.45, help="share of the time spent at the small side")
    p.add_argument("--decay-from", type=float, default=0.45, help="share of the time after which the rate falls")
    p.add_argument("--side", type=int, default=256, help="the small side; the large one is twice that")
    p.add_argument("--batch", type=int, default=64, help="pictures a process at the small side")
    p.add_argument("--late-batch", type=int, default=16)
    p.add_argument("--rate", type=float, default=7e-4)
    p.add_argument("--critic-rate", type=float, default=2e-4)
    p.add_argument("--warm", type=int, default=600, help="steps before the critics have a say")
    p.add_argument("--masks", type=int, nargs=2, default=[8000, 3000], help="holes prepared for either side")
    p.add_argument("--capacity", type=int, default=3600, help="most pictures")
    p.add_argument("--seed", type=int, default=8)
    p.add_argument("--save-every", type=float, default=60, help="seconds")
    shares = {"color": 1.2, "lattice": 0.4, "look": 1.0, "fool": 0.12, "likeness": 0.2, "sight": 0.15}
    p.add_argument("--shares", type=json.loads, default=shares, help="JSON; sight is relative to look")
    return p.parse_args()


class Trainer:
    """One process of a run."""

    def __init__(self, rank, args):
        self.rank, self.args = rank, args
        self.started = self.saved = self.told = time.time()
        self.cuda = torch.cuda.is_available()
        self.device = torch.device(f"cuda:{rank}" if self.cuda else "cpu")
        self.out = Path(args.out)
        self.join()
        torch.manual_seed(args.seed)
        layout = {"device": self.device, "memory_format": torch.channels_last}
        self.generator, self.critics = Generator().to(**layout), Critics().to(**layout)
        self.average = copy.deepcopy(self.generator).eval().requires_grad_(False)
        fused = {"fused": True} if self.cuda else {}
        self.optimizer = torch.optim.Adam(self.generator.parameters(), args.rate, (0.9, 0.99), **fused)
        self.critic_optimizer = torch.optim.Adam(self.critics.parameters(), args.critic_rate, (0.0, 0.99), **fused)
        self.models = {"generator": self.generator, "average": self.average, "critics": self.critics}
        self.optimizers = {"generator": self.optimizer, "critics": self.critic_optimizer}
        self.first = checkpoint.load(args.resume, self.models, self.optimizers) if args.resume else 0
        self.step, self.progress, self.late, self.sums, self.seen = self.first, 0.0, False, {}, 0
        torch.manual_seed(args.seed + 1000 * self.first + rank + 1)
        network = features.load(args.features, features.INCEPTION_TAPS).to(**layout)
        self.sight = losses.Sight(network.bfloat16() if self.cuda else network, self.precision)
        self.mixer = losses.Mixer(args.shares)
        self.tiles = Tiles(args.tiles, self.device, args.capacity, args.archives)
        if args.archives:
            self.tiles.watch()
        sides = (args.side, 2 * args.side)
        self.masks = [masks.bank(count, side, self.device) for count, side in zip(args.masks, sides)]
        if args.begin:
            self.begin(args.begin)
        self.say(f"{self.tiles.count} pictures; holes cover {self.masks[0].float().mean():.3f}")

    def begin(self, path):
        """Takes up an exported model. All processes see the same pictures for it, and so begin alike."""
        torch.manual_seed(self.args.seed)
        count, side = 4 * self.args.late_batch, 2 * self.args.side
        warm.begin(self.generator, path, self.tiles.batch(count, side), masks.draw(self.masks[1], count))
        self.average.load_state_dict(self.generator.state_dict())
        torch.manual_seed(self.args.seed + self.rank + 1)

    def join(self):
        if self.cuda:
            torch.cuda.set_device(self.device)
            torch.backends.cudnn.benchmark = True
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        if self.args.world > 1:
            os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
            os.environ.setdefault("MASTER_PORT", "29517")
            dist.init_process_group("nccl" if self.cuda else "gloo", rank=self.rank, world_size=self.args.world)

    def precision(self):
        return torch.autocast("cuda", torch.bfloat16) if self.cuda else nullcontext()

    def say(self, text):
        if self.rank == 0:
            print(f"[{time.time() - self.started:7.1f}] {text}", flush=True)

    def note(self, name, value):
        known, count = self.sums.get(name, (0.0, 0))
        self.sums[name] = (known + value.detach().float(), count + 1)

    def run(self):
        while self.step - self.first < self.args.max_steps and self.clock():
            self.one_step()
            self.step += 1
            self.report()
        if self.rank == 0:
            checkpoint.save(self.out, self.step, self.models, self.optimizers)
            self.sheet()
            (self.out / "finished").write_text(f"{self.step}\n")
        if self.args.world > 1:
            dist.destroy_process_group()

    def clock(self):
        """Whether there is time for another step. All processes go by the first one's clock."""
        if self.args.world == 1 or self.step % 20 == 0 or self.step == self.first:
            now = torch.tensor([(time.time() - self.started) / self.args.seconds], device=self.device)
            if self.args.world > 1:
                dist.broadcast(now, 0)
            self.progress = now.item()
            if self.progress > self.args.late and not self.late:
                self.late = True
                self.say("the large side")
        return self.progress < 1

    def set_rates(self):
        since = max(0.0, (self.progress - self.args.decay_from) / (1 - self.args.decay_from))
        factor = 0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * since))
        factor *= min(1.0, (self.step - self.first + 1) / 150)
        self.optimizer.param_groups[0]["lr"] = self.args.rate * factor
        self.critic_optimizer.param_groups[0]["lr"] = self.args.critic_rate * factor

    def one_step(self):
        self.set_rates()
        count, side = (self.args.late_batch, 2 * self.args.side) if self.late else (self.args.batch, self.args.side)
        truth = self.tiles.batch(count, side)
        mask = masks.draw(self.masks[self.late], count)
        self.seen += count * self.args.world
        self.generator.train()
        with self.precision():
            made = self.generator(truth, mask)
        out = made.detach().float().requires_grad_(True)
        whole = truth * (1 - mask) + out * mask
        at = torch.randint(0, JITTER, (2,)).tolist()
        window = (..., slice(at[0], at[0] + side - JITTER), slice(at[1], at[1] + side - JITTER))
        truth_part, mask_part, part = truth[window], mask[window], whole[window]
        with torch.no_grad():
            real = self.sight(truth_part)
        fake = self.sight(part)
        ramp = min(1.0, max(0, self.step - self.args.warm + 1) / 500)
        if self.step >= self.args.warm // 2:
            self.teach_critics(truth_part, part.detach(), mask_part, real, fake)
        total = self.plain_slopes(out, truth, mask)
        total = self.mixer.add(total, "look", self.seen_slope(out, real, fake, mask_part, ramp))
        if ramp > 0:
            total = self.judged_slopes(total, out, truth_part, part, mask_part, ramp)
        self.optimizer.zero_grad(set_to_none=True)
        made.backward((total / total.numel() ** 0.5).to(made.dtype))
        self.share(self.generator)
        self.optimizer.step()
        self.follow()

    def teach_critics(self, truth, part, mask, real, fake):
        fake = [f.detach() for f in fake]
        with self.precision():
            judged_real = self.critics.pixels(truth)[0] + self.critics.sights(real)
            judged_fake = self.critics.pixels(part)[0] + self.critics.sights(fake)
        loss = critic_loss(judged_real, judged_fake, mask)
        self.note("critic", loss)
        hole = filled(mask, judged_fake[0])
        self.note("real", judged_real[0].float().mean())
        self.note("fake", (judged_fake[0].float() * hole).sum() / hole.sum().clamp(min=1))
        if self.step % SLOPE_EVERY == 0:
            loss = loss + SLOPE_WEIGHT * slope_penalty(self.critics, truth[: max(1, len(truth) // 2)])
        self.critic_optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.share(self.critics)
        self.critic_optimizer.step()

    def plain_slopes(self, out, truth, mask):
        """How the differences of pixels alone would have the picture change."""
        total = torch.zeros_like(out)
        for name, measure in (("color", losses.color), ("lattice", losses.lattice)):
            loss = measure(out, truth, mask)
            (slope,) = torch.autograd.grad(loss, out)
            total = self.mixer.add(total, name, slope)
            self.note(name, loss)
        return total

    def seen_slope(self, out, real, fake, mask, ramp):
        """How the features would have the picture change. The sight critics' say is taken at the features."""
        taps = [f.detach().requires_grad_(True) for f in fake]
        look, style = losses.look(taps, real), losses.style(taps, real, mask)
        self.note("look", look)
        self.note("style", style)
        look = look + style * (losses.STYLE_SHARE * look.detach() / style.detach().clamp(min=1e-6))
        slopes = list(torch.autograd.grad(look, taps, allow_unused=True))
        if ramp > 0:
            last = taps[-len(self.critics.sight) :]
            with self.precision():
                fooled = fooling_loss(self.critics.sights(taps), mask)
            self.note("sight", fooled)
            for i, slope in enumerate(torch.autograd.grad(fooled, last), len(taps) - len(last)):
                scale = slopes[i].square().mean().sqrt() / slope.square().mean().sqrt().clamp(min=1e-20)
                slopes[i] = slopes[i] + slope * scale * (self.args.shares["sight"] * ramp)
        (slope,) = torch.autograd.grad(fake, out, slopes, retain_graph=True)
        return slope

    def judged_slopes(self, total, out, truth, part, mask, ramp):
        """How the pixel critics would have the picture change."""
        self.critics.requires_grad_(False)
        with self.precision():
            with torch.no_grad():
                _, wanted = self.critics.pixels(truth)
            judged, found = self.critics.pixels(part)
        for name, loss in (("fool", fooling_loss(judged, mask)), ("likeness", losses.likeness(found, wanted))):
            (slope,) = torch.autograd.grad(loss, out, retain_graph=True)
            total = self.mixer.add(total, name, slope, ramp)
            self.note(name, loss)
        self.critics.requires_grad_(True)
        return total

    def share(self, model):
        """Averages the gradients over the processes."""
        if self.args.world == 1:
            return
        slopes = [p.grad for p in model.parameters() if p.grad is not None]
        flat = torch.cat([slope.flatten() for slope in slopes])
        dist.all_reduce(flat)
        parts = (flat / self.args.world).split([slope.numel() for slope in slopes])
        torch._foreach_copy_(slopes, [part.view_as(slope) for part, slope in zip(parts, slopes)])

    @torch.no_grad()
    def follow(self):
        keep = min(AVERAGE, (self.step + 1) / (self.step + 20))
        torch._foreach_lerp_(list(self.average.parameters()), list(self.generator.parameters()), 1 - keep)
        for mine, other in zip(self.average.buffers(), self.generator.buffers()):
            if mine.is_floating_point():
                mine.lerp_(other, 1 - keep)

    def report(self):
        if self.step % 100 == 0 or self.step - self.first in (5, 25):
            now = time.time()
            words = " ".join(f"{name} {value.item() / n:.4f}" for name, (value, n) in self.sums.items())
            self.say(
                f"step {self.step} {self.progress:.0%} {self.seen / (now - self.told):.0f} pictures/s {self.tiles.count} {words}"
            )
            self.sums, self.told, self.seen = {}, now, 0
        if self.rank == 0 and time.time() - self.saved > self.args.save_every:
            self.saved = time.time()
            checkpoint.save(self.out, self.step, self.models, self.optimizers)
            self.sheet()

    @torch.no_grad()
    def sheet(self, count=8):
        """Holes, fills and truths of a few training pictures, as one picture."""
        side = self.args.side * (2 if self.late else 1)
        truth, mask = self.tiles.batch(count, side), masks.draw(self.masks[self.late], count)
        rows = [truth * (1 - mask) + 0.5 * mask, self.average(truth, mask), truth]
        picture = torch.cat([torch.cat(list(row), 2) for row in rows], 1).permute(1, 2, 0).cpu().numpy()
        picture = (picture[:, :, ::-1] * 255).round().astype(np.uint8)
        cv2.imwrite(str(self.out / "sheet.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 88])


def work(rank, args):
    Trainer(rank, args).run()


def main():
    args = arguments()
    Path(args.out).mkdir(parents=True, exist_ok=True)
    if args.world > 1:
        mp.spawn(work, (args,), args.world)
    else:
        work(0, args)


if __name__ == "__main__":
    main()
