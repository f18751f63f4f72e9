"""Fills the holes of a folder with every method there is, measures the fills, and shows them side by side.

Usage: evaluate.py --erase PROGRAM --models FOLDER --photos FOLDER --out FOLDER [--longer-side PIXELS] [--limit N]

A picture NAME.png or NAME.jpg belongs to a mask NAME_mask.png (of NAME_img.png: NAME_mask.png); without one, a mask is
drawn by formula. What is white in a mask is filled, and what was there is the truth to compare with. Writes table.md,
measures.json, sheet.jpg, and all fills.
"""

import argparse
import json
import pathlib
import subprocess
import time
import zlib

import cv2
import numpy as np
from PIL import Image, ImageDraw

import measures

# Slower than quadratic in the hole: left out above this many pixels.
BIHARMONIC_MOST_PX = 120_000
PATCHMATCH_MOST_PX = 1_500_000


def drawn_mask(name, width, height):
    """Two or three bent strokes and a disc, the same for the same name: about a tenth of the picture."""
    random = np.random.default_rng(zlib.crc32(name.encode()))
    mask = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(mask)
    unit = min(width, height)
    for _ in range(int(random.integers(2, 4))):
        points = [tuple(random.uniform(0.15, 0.85, 2) * (width, height))]
        for _ in range(3):
            points.append(tuple(np.array(points[-1]) + random.normal(0, 0.16, 2) * unit))
        thick = int(unit * random.uniform(0.03, 0.08))
        draw.line(points, fill=255, width=thick, joint="curve")
    x, y = random.uniform(0.25, 0.75, 2) * (width, height)
    radius = unit * random.uniform(0.1, 0.16)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return mask


def cases(options):
    """Copies pictures and masks of one folder to where programs read them, scaled if that is wanted."""
    folder = options.out / "cases"
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for path in sorted(options.photos.iterdir()):
        if path.suffix not in (".png", ".jpg") or path.stem.endswith("_mask"):
            continue
        name = path.stem.removesuffix("_img")
        picture = Image.open(path).convert("RGB")
        beside = path.with_name(f"{name}_mask.png")
        mask = Image.open(beside).convert("L") if beside.is_file() else drawn_mask(name, *picture.size)
        if options.longer_side:
            scale = options.longer_side / max(picture.size)
            size = tuple(round(side * scale) for side in picture.size)
            picture, mask = picture.resize(size, Image.Resampling.LANCZOS), mask.resize(size, Image.Resampling.NEAREST)
        mask = mask.point(lambda value: 255 if value >= 128 else 0)
        picture.save(folder / f"{name}.png", compress_level=1)
        mask.save(folder / f"{name}.mask.png", compress_level=1)
        found.append(name)
    return found[: options.limit]


def pictures(path):
    return np.array(Image.open(path).convert("RGB"))


def own_fills(options, names):
    """Runs the program: for each case and model, the network alone and the whole pipeline, with their times."""
    folder = options.out / "fills"
    folder.mkdir(parents=True, exist_ok=True)
    at = options.out / "cases"
    lines = "\n".join(f"{at / name}.png\t{at / name}.mask.png\t{folder / name}" for name in names)
    told = subprocess.run([options.erase, options.models], input=lines, capture_output=True, text=True, check=True)
    seconds = {}
    for line in map(json.loads, told.stdout.splitlines()):
        seconds[line["name"], f"{line['model']}.network"] = line["seconds_network"]
        seconds[line["name"], line["model"]] = line["seconds"]
    return seconds


def baselines():
    """The public methods, each from picture and mask to a fill."""
    from skimage.restoration import inpaint_biharmonic

    def opencv(kind):
        return lambda picture, mask: cv2.inpaint(picture, mask.astype(np.uint8), 5, kind)

    def biharmonic(picture, mask):
        if mask.sum() > BIHARMONIC_MOST_PX:
            return None
        filled = inpaint_biharmonic(picture / 255.0, mask, channel_axis=-1, split_into_regions=True)
        return np.clip(filled * 255 + 0.5, 0, 255).astype(np.uint8)

    methods = {
        "OpenCV Telea": opencv(cv2.INPAINT_TELEA),
        "OpenCV Navier-Stokes": opencv(cv2.INPAINT_NS),
        "biharmonic": biharmonic,
    }
    try:
        from patchmatch import patch_match

        def patches(picture, mask):
            if picture[..., 0].size > PATCHMATCH_MOST_PX:
                return None
            return patch_match.inpaint(picture, mask.astype(np.uint8) * 255, patch_size=7)

        methods["PatchMatch"] = patches
    except (ImportError, OSError) as error:
        print(f"PatchMatch is left out: {error}")
    return methods


def baseline_fills(options, names):
    """As `own_fills`; what was computed before is taken from the disk."""
    folder = options.out / "baselines"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "seconds.json"
    seconds = json.loads(kept.read_text()) if kept.is_file() else {}
    methods = baselines()
    for name in names:
        picture = pictures(options.out / "cases" / f"{name}.png")
        mask = np.array(Image.open(options.out / "cases" / f"{name}.mask.png")) > 0
        for method, fill in methods.items():
            path = folder / f"{name}.{method}.png"
            if path.is_file():
                continue
            start = time.perf_counter()
            filled = fill(picture, mask)
            if filled is None:
                continue
            seconds[f"{name}\t{method}"] = time.perf_counter() - start
            filled[~mask] = picture[~mask]
            Image.fromarray(filled).save(path, compress_level=1)
    kept.write_text(json.dumps(seconds, indent=1))
    return {tuple(key.split("\t")): value for key, value in seconds.items()}, list(methods)


def measured(result, truth, mask, grown):
    far = measures.distance(mask)
    band = (far > 0) & (far <= measures.BAND_PX)
    energy, tone = measures.seam(result, truth, mask)
    inside, around, contrast, grain = measures.sharpness(result, mask, grown)
    return {
        **dict(zip(("l1", "psnr"), measures.difference(result, truth, mask))),
        "ssim": measures.similarity(result, truth, mask),
        **dict(zip(("band_l1", "band_psnr"), measures.difference(result, truth, band))),
        "band_ssim": measures.similarity(result, truth, band),
        "seam": energy,
        "tone": tone,
        "slope": abs(inside / around - 1) if inside and around else None,
        "slope_inside": inside,
        "slope_around": around,
        "contrast": contrast,
        "grain": grain,
    }


COLUMNS = [
    ("l1", "L1 %", ".2f"), ("psnr", "PSNR", ".2f"), ("ssim", "SSIM", ".3f"),
    ("band_l1", "band L1 %", ".2f"), ("band_ssim", "band SSIM", ".3f"),
    ("seam", "seam energy", ".3f"), ("tone", "tone step", ".2f"),
    ("slope", "slope off by", ".3f"), ("contrast", "detail", ".2f"), ("grain", "grain", ".2f"),
    ("seconds", "seconds", ".2f"),
]  # fmt: skip


def table(rows):
    lines = ["| method | cases | " + " | ".join(title for _, title, _ in COLUMNS) + " |", "| --- " * (len(COLUMNS) + 2) + "|"]
    for method in dict.fromkeys(method for _, method in rows):
        own = [row for (_, of), row in rows.items() if of == method]
        cells = []
        for key, _, form in COLUMNS:
            values = [row[key] for row in own if row.get(key) is not None]
            cells.append(format(float(np.mean(values)), form) if values else "")
        lines.append(f"| {method} | {len(own)} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def sheet(options, names, methods, paths):
    """Rows of small pictures: the hole, then each method, then the truth."""
    side, rows = 240, []
    for name in names:
        truth = pictures(options.out / "cases" / f"{name}.png")
        mask = np.array(Image.open(options.out / "cases" / f"{name}.mask.png")) > 0
        holed = truth.copy()
        holed[mask] = (255, 0, 255)
        shown = [holed] + [pictures(paths[name, m]) if (name, m) in paths else np.zeros_like(truth) for m in methods] + [truth]
        rows.append([Image.fromarray(one).resize((side, side), Image.Resampling.LANCZOS) for one in shown])
    page = Image.new("RGB", (side * len(rows[0]), side * len(rows) + 16), "white")
    for column, title in enumerate(["hole", *methods, "photograph"]):
        ImageDraw.Draw(page).text((column * side + 4, 2), title, fill="black")
    for y, row in enumerate(rows):
        for x, one in enumerate(row):
            page.paste(one, (x * side, y * side + 16))
    page.save(options.out / "sheet.jpg", quality=82)


def main():
    parser = argparse.ArgumentParser()
    for name in ("erase", "models", "photos", "out"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--longer-side", type=int)
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()
    names = cases(options)
    own, (public, methods) = own_fills(options, names), baseline_fills(options, names)
    models = list(dict.fromkeys(model for _, model in own))
    seconds, rows, paths = {**own, **public}, {}, {}
    for method in [*methods, *models, "photograph"]:
        for name in names:
            truth_path = options.out / "cases" / f"{name}.png"
            path = options.out / ("fills" if method in models else "baselines") / f"{name}.{method}.png"
            path = truth_path if method == "photograph" else path
            if not path.is_file():
                continue
            paths[name, method] = path
            mask = np.array(Image.open(options.out / "cases" / f"{name}.mask.png")) > 0
            grown = np.array(Image.open(options.out / "fills" / f"{name}.hole.png").convert("L")) > 0
            result, truth = pictures(path).astype(float), pictures(truth_path).astype(float)
            rows[name, method] = {**measured(result, truth, mask, grown), "seconds": seconds.get((name, method))}
    (options.out / "measures.json").write_text(
        json.dumps([{"name": name, "method": method, **row} for (name, method), row in rows.items()], indent=1)
    )
    text = table(rows)
    (options.out / "table.md").write_text(text)
    print(text)
    sheet(options, names, [*methods, *models], paths)


if __name__ == "__main__":
    main()
