"""What training leaves: the averaged weights, and all that going on from there needs."""

import os
from pathlib import Path

import torch


def halved(state):
    """Weights in half precision; statistics and scalars as they are."""
    small = lambda key, v: v.is_floating_point() and "running" not in key and v.numel() > 1
    return {key: (v.half() if small(key, v) else v).cpu() for key, v in state.items()}


def second_moments(optimizer):
    return [
        optimizer.state[p]["exp_avg_sq"].bfloat16().cpu() if p in optimizer.state else None
        for p in optimizer.param_groups[0]["params"]
    ]


def write(path, value):
    """Writes whole or not at all."""
    part = Path(str(path) + ".part")
    torch.save(value, part)
    os.replace(part, path)


def save(folder, step, models, optimizers):
    """`average.pt` (half precision, for export) and `checkpoint.pt` (to go on from)."""
    write(folder / "average.pt", halved(models["average"].state_dict()))
    state = {name: halved(model.state_dict()) for name, model in models.items()}
    moments = {name: second_moments(optimizer) for name, optimizer in optimizers.items()}
    write(folder / "checkpoint.pt", {"step": step, "models": state, "moments": moments})


def load(path, models, optimizers):
    """Takes up a checkpoint; the step it was written at. First moments begin anew."""
    found = torch.load(path, map_location="cpu")
    for name, model in models.items():
        model.load_state_dict(found["models"][name])
    for name, optimizer in optimizers.items():
        for p, moment in zip(optimizer.param_groups[0]["params"], found["moments"][name]):
            if moment is not None:
                step = torch.tensor(float(found["step"]), device=p.device)
                square = moment.to(p.device, torch.float32)
                optimizer.state[p] = {"step": step, "exp_avg": torch.zeros_like(p), "exp_avg_sq": square}
    return found["step"]
