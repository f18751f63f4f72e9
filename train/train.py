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
AVERAGE = 0.9995
SLOPE_EVERY, SLOPE_WEIGHT = 4, 0.0002
# Steps of either kind before one is recorded: by then every buffer is there, and cuDNN has chosen its kernels.
RECORD_AFTER = 12
# Axes of [n, c, h, w] that the ways to turn a picture reverse.
WAYS = ((2,), (3,), (2, 3))
# What pixels alone are measured by, as far as --shares names it (so too "agree").
PLAIN = (("color", losses.color), ("ssim", losses.ssim), ("lattice", losses.lattice))


def arguments():
    p = argparse.ArgumentParser(description="Trains Lite")
    p.add_argument("--tiles", required=True, help="folder of .tar archives of 512x512 pictures")
    p.add_argument("--archives", type=int, default=0, help="how many archives there will be; 0: those that are there")
    p.add_argument("--features", required=True, help="inception_v3.npz, made by features.py")
    p.add_argument("--out", required=True)
    p.add_argument("--resume", default="", help="a checkpoint.pt")
    p.add_argument("--begin", default="", help="an exported model or an average.pt to begin from, without a checkpoint")
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
    p.add_argument("--record", action="store_true", help="run steps as a CUDA graph; with one process")
    shares = {"color": 1.0, "ssim": 0.1, "lattice": 0.4, "agree": 0.3}
    shares |= {"look": 2.2, "fool": 0.1, "likeness": 0.35, "sight": 0.13}
    p.add_argument("--shares", type=json.loads, default=shares, help="JSON; sight is relative to look")
    args = p.parse_args()
    if args.record and (args.world > 1 or not torch.cuda.is_available()):
        p.error("--record wants one process and a graphics card")
    return args


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
        self.optimizer = self.adam(self.generator, args.rate, 0.9)
        self.critic_optimizer = self.adam(self.critics, args.critic_rate, 0.0)
        self.models = {"generator": self.generator, "average": self.average, "critics": self.critics}
        self.optimizers = {"generator": self.optimizer, "critics": self.critic_optimizer}
        self.first = checkpoint.load(args.resume, self.models, self.optimizers) if args.resume else 0
        self.step, self.progress, self.late, self.sums, self.seen = self.first, 0.0, args.late <= 0, {}, 0
        self.ramp = torch.zeros((), device=self.device)
        self.forget()
        torch.manual_seed(args.seed + 1000 * self.first + rank + 1)
        network = features.load(args.features, features.INCEPTION_TAPS).to(**layout)
        self.sight = losses.Sight(network.bfloat16() if self.cuda else network, self.precision)
        self.mixer = losses.Mixer(args.shares)
        self.tiles = Tiles(args.tiles, self.device, args.capacity, args.archives)
        sides = (args.side, 2 * args.side)
        self.masks = [masks.bank(count, side, self.device) for count, side in zip(args.masks, sides)]
        if args.begin:
            self.begin(args.begin)
        self.say(f"{self.tiles.count} pictures; holes cover {self.masks[0].float().mean():.3f}")

    def begin(self, path):
        """Takes up an exported model or averaged weights. All processes see the same pictures for it, and so begin alike."""
        torch.manual_seed(self.args.seed)
        count, side = 4 * self.args.late_batch, 2 * self.args.side
        if path.endswith(".pt"):
            self.generator.load_state_dict(torch.load(path, map_location=self.device))
        else:
            warm.begin(self.generator, path, self.tiles.batch(count, side), masks.draw(self.masks[1], count))
        self.average.load_state_dict(self.generator.state_dict())
        torch.manual_seed(self.args.seed + self.rank + 1)

    def adam(self, model, rate, momentum):
        """On a graphics card the rate is a tensor, so that a recorded step reads it anew."""
        if not self.cuda:
            return torch.optim.Adam(model.parameters(), rate, (momentum, 0.99))
        rate = torch.tensor(rate, device=self.device)
        return torch.optim.Adam(model.parameters(), rate, (momentum, 0.99), fused=True, capturable=True)

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
        if name not in self.sums:
            self.sums[name] = torch.zeros(2, device=self.device)
        self.sums[name][0] += value.detach().float()
        self.sums[name][1] += 1

    def run(self):
        while self.step - self.first < self.args.max_steps and self.clock():
            if self.step % 50 == 0 and len(self.tiles.read) < self.args.archives:
                self.tiles.poll()
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
            self.progress = (time.time() - self.started) / self.args.seconds
            if self.args.world > 1:
                now = torch.tensor([self.progress], device=self.device)
                dist.broadcast(now, 0)
                self.progress = now.item()
            if self.progress > self.args.late and not self.late:
                self.late = True
                self.forget()
                self.say("the large side")
        return self.progress < 1

    def set_rates(self):
        since = max(0.0, (self.progress - self.args.decay_from) / (1 - self.args.decay_from))
        factor = 0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * since))
        factor *= min(1.0, (self.step - self.first + 1) / 150)
        rates = ((self.optimizer, self.args.rate), (self.critic_optimizer, self.args.critic_rate))
        for optimizer, rate in rates:
            group = optimizer.param_groups[0]
            if self.cuda:
                group["lr"].fill_(rate * factor)
            else:
                group["lr"] = rate * factor

    def one_step(self):
        self.set_rates()
        count, side = (self.args.late_batch, 2 * self.args.side) if self.late else (self.args.batch, self.args.side)
        truth = self.tiles.batch(count, side)
        mask = masks.draw(self.masks[self.late], count)
        self.seen += count * self.args.world
        rows, columns = (torch.randint(0, JITTER, (2, 1)) + torch.arange(side - JITTER)).to(self.device)
        self.ramp.fill_(min(1.0, max(0, self.step - self.args.warm + 1) / 500))
        sloped = self.step % SLOPE_EVERY == 0
        step = self.replay if self.args.record else self.learn
        step(truth, mask, rows, columns, sloped)
        self.follow()

    def forget(self):
        """Recordings are of one side."""
        self.recorded, self.given, self.unrecorded = {}, None, 0

    def replay(self, *given):
        """A step by its recording, after a few without. What is given is copied to where the recording reads it."""
        *given, sloped = given
        if self.given is None:
            self.given, self.stream = given, torch.cuda.Stream()
        else:
            for mine, other in zip(self.given, given):
                mine.copy_(other)
        if self.unrecorded < RECORD_AFTER:
            self.unrecorded += 1
            self.stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(self.stream):
                self.learn(*self.given, sloped)
            torch.cuda.current_stream().wait_stream(self.stream)
            return
        if sloped not in self.recorded:
            self.optimizer.zero_grad(set_to_none=True)
            self.critic_optimizer.zero_grad(set_to_none=True)
            self.recorded[sloped] = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.recorded[sloped], stream=self.stream):
                self.learn(*self.given, sloped)
            self.say(f"recorded, {torch.cuda.memory_reserved() / 2**30:.1f} GiB")
        self.recorded[sloped].replay()

    def learn(self, truth, mask, rows, columns, sloped):
        """All of a step that a device does alone, whatever the step's number."""
        rows = rows[:, None]
        cut = lambda x: x[:, :, rows, columns].contiguous(memory_format=torch.channels_last)
        self.generator.train()
        with self.precision():
            made = self.generator(truth, mask)
        out = made.detach().float().requires_grad_(True)
        whole = truth * (1 - mask) + out.detach() * mask
        truth_part, mask_part, part = cut(truth), cut(mask), cut(whole).requires_grad_(True)
        with torch.no_grad():
            real = self.sight(truth_part)
        fake = self.sight(part)
        self.teach_critics(truth_part, part.detach(), mask_part, real, fake, sloped)

        def placed(slope):
            """A slope at the part -> at the whole picture, in the hole alone."""
            total = torch.zeros_like(out)
            total[:, :, rows, columns] = slope * mask_part
            return total

        total = self.plain_slopes(out, truth, mask)
        if "agree" in self.args.shares:
            total = self.mixer.add(total, "agree", self.agreed_slope(out.detach(), truth, mask))
        total = self.mixer.add(total, "look", placed(self.seen_slope(part, real, fake, mask_part)))
        for name, slope in self.judged_slopes(truth_part, part, mask_part):
            total = self.mixer.add(total, name, placed(slope), self.ramp)
        self.optimizer.zero_grad(set_to_none=True)
        made.backward((total / total.numel() ** 0.5).to(made.dtype))
        self.share(self.generator)
        self.optimizer.step()

    def teach_critics(self, truth, part, mask, real, fake, sloped):
        fake = [f.detach() for f in fake]
        with self.precision():
            judged_real = self.critics.pixels(truth)[0] + self.critics.sights(real)
            judged_fake = self.critics.pixels(part)[0] + self.critics.sights(fake)
        loss = critic_loss(judged_real, judged_fake, mask)
        self.note("critic", loss)
        hole = filled(mask, judged_fake[0])
        self.note("real", judged_real[0].float().mean())
        self.note("fake", (judged_fake[0].float() * hole).sum() / hole.sum().clamp(min=1))
        if sloped:
            loss = loss + SLOPE_WEIGHT * slope_penalty(self.critics, truth[: max(1, len(truth) // 2)])
        self.critic_optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.share(self.critics)
        self.critic_optimizer.step()

    def plain_slopes(self, out, truth, mask):
        """How the differences of pixels alone would have the picture change."""
        total = torch.zeros_like(out)
        for name, measure in (pair for pair in PLAIN if pair[0] in self.args.shares):
            loss = measure(out, truth, mask)
            (slope,) = torch.autograd.grad(loss, out)
            total = self.mixer.add(total, name, slope)
            self.note(name, loss)
        return total

    @torch.no_grad()
    def agreed_slope(self, out, truth, mask):
        """How the averaged weights' answers to the picture turned all three ways would have the picture change.

        The mean of the answers to a picture and to it turned is nearer to the truth than each (README.md has by how
        much). The picture's own answer is left out of it: it would make the slope shorter, and that is set by the share.
        """
        turned = lambda x: torch.cat([x.flip(axes) for axes in WAYS])
        with self.precision():
            answers = self.average(turned(truth), turned(mask)).float().chunk(len(WAYS))
        mean = sum(answer.flip(axes) for answer, axes in zip(answers, WAYS)) / len(WAYS)
        slope = losses.coarse_slope(out, mean, mask)
        self.note("agree", slope.abs().sum() / mask.sum().clamp(min=1))
        return slope

    def seen_slope(self, part, real, fake, mask):
        """How the features would have the picture change. The sight critics' say is taken at the features."""
        taps = [f.detach().requires_grad_(True) for f in fake]
        look, style = losses.look(taps, real), losses.style(taps, real, mask)
        self.note("look", look)
        self.note("style", style)
        look = look + style * (losses.STYLE_SHARE * look.detach() / style.detach().clamp(min=1e-6))
        slopes = list(torch.autograd.grad(look, taps, allow_unused=True))
        last = taps[-len(self.critics.sight) :]
        with self.precision():
            fooled = fooling_loss(self.critics.sights(taps), mask)
        self.note("sight", fooled)
        for i, slope in enumerate(torch.autograd.grad(fooled, last), len(taps) - len(last)):
            scale = slopes[i].square().mean().sqrt() / slope.square().mean().sqrt().clamp(min=1e-20)
            slopes[i] = slopes[i] + slope * scale * (self.args.shares["sight"] * self.ramp)
        (slope,) = torch.autograd.grad(fake, part, slopes)
        return slope

    def judged_slopes(self, truth, part, mask):
        """How the pixel critics would have the picture change: names and slopes."""
        self.critics.requires_grad_(False)
        with self.precision():
            with torch.no_grad():
                _, wanted = self.critics.pixels(truth)
            judged, found = self.critics.pixels(part)
        slopes = []
        for name, loss in (("fool", fooling_loss(judged, mask)), ("likeness", losses.likeness(found, wanted))):
            slopes.append((name, torch.autograd.grad(loss, part, retain_graph=name == "fool")[0]))
            self.note(name, loss)
        self.critics.requires_grad_(True)
        return slopes

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
        keep = min(AVERAGE, (self.step + 1) / (self.step + 10))
        torch._foreach_lerp_(list(self.average.parameters()), list(self.generator.parameters()), 1 - keep)
        statistics = zip(self.average.buffers(), self.generator.buffers())
        mine, others = zip(*((a, b) for a, b in statistics if a.is_floating_point()))
        torch._foreach_lerp_(list(mine), list(others), 1 - keep)

    def report(self):
        if self.step % 100 == 0 or self.step - self.first in (5, 25):
            now = time.time()
            sums = {name: pair.tolist() for name, pair in self.sums.items()}
            words = " ".join(f"{name} {total / max(n, 1):.4f}" for name, (total, n) in sums.items())
            self.say(
                f"step {self.step} {self.progress:.0%} {self.seen / (now - self.told):.0f} pictures/s {self.tiles.count} {words}"
            )
            self.told, self.seen = now, 0
            for pair in self.sums.values():
                pair.zero_()
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
