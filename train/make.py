"""Everything, from photographs to a compared model: `python3 make.py --tiles DIR --photos DIR --out DIR`.

What is there already is not made again. Arguments after `--` go to train.py.
"""

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def python(script, *args):
    subprocess.run([sys.executable, str(HERE / script), *map(str, args)], check=True)


def main():
    p = argparse.ArgumentParser(description="Trains, exports and evaluates Lite")
    p.add_argument("--tiles", required=True, type=Path, help="folder of .tar archives of 512x512 pictures")
    p.add_argument("--photos", required=True, type=Path, help="held-out photographs and their masks")
    p.add_argument("--out", required=True, type=Path)
    p.add_argument(
        "--today", type=Path, default=HERE.parent / "extension/models/lite.onnx", help="what to compare with"
    )
    p.add_argument("--world", type=int, default=2, help="devices")
    args, rest = p.parse_known_args()
    rest = [word for word in rest if word != "--"]
    networks, run, model = args.out / "features", args.out / "run", args.out / "lite.onnx"
    if not (networks / "mobilenet_v2.npz").exists():
        python("features.py", networks)
    if not (run / "finished").exists():
        options = ["--tiles", args.tiles, "--features", networks / "inception_v3.npz", "--out", run]
        python("train.py", *options, "--world", args.world, *rest)
    python("export.py", run / "average.pt", model)
    models = ["--model", "today", args.today, "--model", "new", model]
    python(
        "evaluate.py",
        "--photos",
        args.photos,
        "--network",
        networks / "mobilenet_v2.npz",
        "--out",
        args.out / "compared",
        *models,
    )


if __name__ == "__main__":
    main()
