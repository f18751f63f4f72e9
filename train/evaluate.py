"""Compares models on held-out photographs, with and without the texture step: a table and contact sheets.

The folder holds `<name>_img.png` and `<name>_mask.png` (512x512, white = hole). All columns are of the hole alone;
all methods are run anew each time, so that one table is one run.
"""

import argparse
import json
import time
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import torch
import torch.nn.functional as F

import features
from losses import PERIOD
from texture import textured

COLUMNS = ("l1", "psnr", "ssim", "distance", "grid", "sharpness")
TITLES = ("L1 %", "PSNR", "SSIM", "feature distance", "grid", "sharpness")
THUMBNAIL = 256


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 2, 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def filled(network, picture, hole):
    """picture: [h, w, 3] u8, blue first; hole: [h, w] bool -> the same with the network's fill."""
    image = picture[:, :, ::-1].astype(np.float32).transpose(2, 0, 1)[None] / 255
    mask = hole.astype(np.float32)[None, None]
    output = network.run(None, {"image": image * (1 - mask), "mask": mask})[0][0]
    fill = (output.transpose(1, 2, 0)[:, :, ::-1].clip(0, 1) * 255).round().astype(np.uint8)
    return np.where(hole[:, :, None], fill, picture)


class Meter:
    """The columns of the table for one photograph. Distance: of MobileNetV2's features, which no training saw."""

    def __init__(self, network):
        self.network = features.load(network, features.MOBILENET_TAPS)

    def seen(self, picture):
        x = torch.from_numpy(picture[:, :, ::-1].astype(np.float32).transpose(2, 0, 1)[None].copy() / 255)
        with torch.no_grad():
            return [f / (f.square().sum(1, keepdim=True).sqrt() + 1e-6) for f in self.network(x)]

    def __call__(self, truth, hole, result):
        off = (result.astype(float) - truth)[hole] / 255
        mask = torch.from_numpy(hole.astype(np.float32))[None, None]
        distance = 0.0
        for a, b in zip(self.seen(truth), self.seen(result)):
            weight = F.adaptive_avg_pool2d(mask, a.shape[2:])
            distance += float(((a - b).square().sum(1, keepdim=True) * weight).sum() / weight.sum())
        return {
            "l1": float(np.abs(off).mean() * 100),
            "psnr": float(10 * np.log10(1 / max((off**2).mean(), 1e-8))),
            "ssim": float(similarity(truth, result)[hole].mean()),
            "distance": distance,
            "grid": repeated(result, hole),
            "sharpness": float(edges(result)[hole].mean() / max(edges(truth)[hole].mean(), 0.3)),
        }


def edges(picture):
    return np.abs(cv2.Laplacian(picture, cv2.CV_32F))


def repeated(picture, hole):
    """How much of what is fine in the hole repeats with the network's stride; about 1 is what chance gives, more is a grid.

    Without repetition the mean over n blocks has an n-th of the variance: times n, and by the variance, that is 1.
    """
    known = hole.astype(np.float64)
    grey = picture.astype(np.float64).mean(2)
    blurred = lambda x: cv2.GaussianBlur(x, (0, 0), 6)
    fine = grey - blurred(grey * known) / np.maximum(blurred(known), 1e-3)
    inner = cv2.erode(hole.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(np.float64)
    h, w = (side // PERIOD for side in hole.shape)
    fold = lambda x: x[: h * PERIOD, : w * PERIOD].reshape(h, PERIOD, w, PERIOD).sum((0, 2))
    blocks = fold(inner)
    mean = fold(fine * inner) / np.maximum(blocks, 1)
    mean -= mean.mean()
    variance = (fine**2 * inner).sum() / max(inner.sum(), 1)
    return float((mean**2 * blocks).mean() / max(variance, 1e-6))


def similarity(a, b):
    """SSIM of the grey pictures (Wang et al. 2004), a Gaussian window of deviation 1.5."""
    a, b = (cv2.cvtColor(x, cv2.COLOR_BGR2GRAY).astype(np.float64) for x in (a, b))
    blurred = lambda x: cv2.GaussianBlur(x, (11, 11), 1.5)
    ma, mb = blurred(a), blurred(b)
    va, vb, c = blurred(a * a) - ma**2, blurred(b * b) - mb**2, blurred(a * b) - ma * mb
    return (2 * ma * mb + 6.5025) * (2 * c + 58.5225) / ((ma**2 + mb**2 + 6.5025) * (va + vb + 58.5225))


def methods(models):
    """Name -> what makes a result of a picture and its hole."""
    made = {"OpenCV Telea": lambda picture, hole: cv2.inpaint(picture, hole.astype(np.uint8), 5, cv2.INPAINT_TELEA)}
    for name, path in models:
        network = session(path)
        made[name] = lambda picture, hole, network=network: filled(network, picture, hole)
        made[f"{name} + texture"] = lambda picture, hole, plain=made[name]: textured(
            picture, hole, plain(picture, hole)
        )
    return made


def compare(folder, made, meter, out):
    """Runs all methods on all photographs; results go to `out/<method>/<name>.png`."""
    rows = {name: [] for name in made}
    for path in sorted(folder.glob("*_img.png")):
        truth = cv2.imread(str(path))
        case = path.name.removesuffix("_img.png")
        hole = cv2.imread(str(folder / f"{case}_mask.png"), cv2.IMREAD_GRAYSCALE) > 0
        emptied = np.where(hole[:, :, None], 0, truth).astype(np.uint8)
        for name, make in made.items():
            since = time.time()
            result = np.where(hole[:, :, None], make(emptied, hole), truth)
            row = {"case": case, "seconds": time.time() - since, **meter(truth, hole, result)}
            rows[name].append(row)
            (out / name).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(out / name / f"{case}.png"), result)
    return rows


def table(rows):
    lines = ["| method | " + " | ".join(TITLES) + " |", "| --- |" + " --- |" * len(TITLES)]
    for name, found in rows.items():
        means = [np.mean([row[column] for row in found]) for column in COLUMNS[:-1]]
        means.append(np.median([row["sharpness"] for row in found]))
        cells = [f"{value:.{digits}f}" for value, digits in zip(means, (2, 2, 3, 2, 1, 2))]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def sheets(folder, names, cases, out, each=6):
    """Pictures of `each` photographs: the hole, every method, the truth."""
    for first in range(0, len(cases), each):
        columns = []
        for case in cases[first : first + each]:
            truth = cv2.imread(str(folder / f"{case}_img.png"))
            hole = cv2.imread(str(folder / f"{case}_mask.png"), cv2.IMREAD_GRAYSCALE) > 0
            shown = np.where(hole[:, :, None], truth * 0.25 + np.array([150, 45, 165]), truth).astype(np.uint8)
            made = [cv2.imread(str(out / name / f"{case}.png")) for name in names]
            small = [cv2.resize(x, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA) for x in (shown, *made, truth)]
            columns.append(np.concatenate(small, 0))
        cv2.imwrite(str(out / f"sheet_{first // each}.jpg"), np.concatenate(columns, 1), [cv2.IMWRITE_JPEG_QUALITY, 90])


def main():
    p = argparse.ArgumentParser(description="Compares models on held-out photographs")
    p.add_argument("--photos", required=True, type=Path)
    p.add_argument("--network", required=True, help="mobilenet_v2.npz, made by features.py")
    p.add_argument("--out", required=True, type=Path)
    p.add_argument("--model", action="append", nargs=2, metavar=("NAME", "ONNX"), default=[])
    args = p.parse_args()
    torch.set_num_threads(2)
    made = methods(args.model)
    rows = compare(args.photos, made, Meter(args.network), args.out)
    (args.out / "rows.json").write_text(json.dumps(rows, indent=1))
    print(table(rows))
    sheets(args.photos, list(made)[1:], [row["case"] for row in next(iter(rows.values()))], args.out)


if __name__ == "__main__":
    main()
