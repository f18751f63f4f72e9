"""Writes the tiles that no run is trained on, one of each photograph, with a fixed hole each: what to choose between
runs by, so that the test photographs choose nothing. `python3 held.py TILES OUT`, then `evaluate.py --photos OUT`.
"""

import argparse
import tarfile
from pathlib import Path

import cv2
import numpy as np
import torch

import masks
from tiles import SIDE, held_out

SEED = 5


def main():
    p = argparse.ArgumentParser(description="Writes held-out tiles with their holes")
    p.add_argument("tiles", type=Path, help="folder of .tar archives of 512x512 pictures")
    p.add_argument("out", type=Path)
    args = p.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    found = {}
    for path in sorted(args.tiles.glob("*.tar")):
        with tarfile.open(path) as archive:
            for member in archive.getmembers():
                name = Path(member.name).name
                if name.endswith(".webp") and held_out(name):
                    found.setdefault(name.rsplit("_", 1)[0], archive.extractfile(member).read())
    torch.manual_seed(SEED)
    holes = masks.bank(len(found), SIDE, "cpu", smallest=0.05, largest=0.3).numpy()
    for (name, blob), hole in zip(sorted(found.items()), holes):
        picture = cv2.imdecode(np.frombuffer(blob, np.uint8), cv2.IMREAD_COLOR)
        cv2.imwrite(str(args.out / f"{name}_img.png"), picture)
        cv2.imwrite(str(args.out / f"{name}_mask.png"), hole[0] * 255)
    print(f"{len(found)} photographs")


if __name__ == "__main__":
    main()
