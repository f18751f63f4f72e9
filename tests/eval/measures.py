"""What is measured of a fill. Pictures are float arrays [height, width, 3] in [0, 255], masks boolean."""

import cv2
import numpy as np
from skimage.metrics import structural_similarity

BAND_PX = 8
# Rings around the border, in pixels from it; negative ones are inside.
RINGS = range(-4, 12)


def grey(picture):
    return picture @ np.array([0.299, 0.587, 0.114])


def distance(mask):
    """How far each pixel is outside (positive) or inside (negative) of the mask; the first pixels outside have 1."""
    outside = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    return np.where(mask, -inside, outside)


def difference(result, truth, where):
    """Mean absolute difference in percent, and PSNR in dB."""
    off = (result - truth)[where]
    return float(np.abs(off).mean() / 2.55), float(10 * np.log10(255**2 / max((off**2).mean(), 1e-9)))


def similarity(result, truth, where):
    _, full = structural_similarity(grey(result), grey(truth), data_range=255, full=True)
    return float(full[where].mean())


def steps(picture, border):
    """By how much brightness jumps between each two neighbours of which one is inside `border` and one is not,
    beyond what it changes on either side: |b - c| less the mean slope of (a, b) and (c, d), for a, b | c, d."""
    found = []
    for plane, inside in ((picture, border), (picture.T, border.T)):
        a, b, c, d = (plane[:, i : plane.shape[1] - 3 + i] for i in range(4))
        crosses = inside[:, 1:-2] != inside[:, 2:-1]
        found.append((c - b - ((b - a) + (d - c)) / 2)[crosses])
    return np.concatenate(found)


def seam(result, truth, mask):
    """The seam's energy and the step in tone.

    The energy is the mean gradient jump across a border, as a ratio to the photograph's own at the same place, in each ring
    from 4 px inside of the mask to 12 px outside; how far it is off 1 (as a logarithm, either way: a smooth fill beside
    grain is a seam as well as an edge), in the worst ring. All rings, because a program may choose where its border is.

    The step in tone is the mean difference, after a blur of 2 px that takes the grain away, between result and photograph
    in their change from 3 px outside of what was altered to 3 px inside of it, in levels of 255.
    """
    here, there, far = grey(result), grey(truth), distance(mask)
    worst = 0.0
    for ring in RINGS:
        border = far <= ring
        if border.all() or not border.any():
            continue
        one, other = np.abs(steps(here, border)).mean(), np.abs(steps(there, border)).mean()
        worst = max(worst, abs(float(np.log((one + 0.1) / (other + 0.1)))))
    return worst, tone_step(result, truth, mask)


def tone_step(result, truth, mask):
    off = cv2.GaussianBlur(grey(result) - grey(truth), (0, 0), 2)
    far = distance(mask)
    gradient = np.hypot(cv2.Sobel(off, cv2.CV_64F, 1, 0) / 8, cv2.Sobel(off, cv2.CV_64F, 0, 1) / 8)
    # The steepest ring is the seam, wherever the program put it.
    rings = [gradient[(far > ring) & (far <= ring + 2)] for ring in RINGS]
    return max(float(ring.mean()) for ring in rings if ring.size)


# Of frequencies: where each begins, in cycles a pixel. It ends at one and a half of that.
BANDS = (0.08, 0.12, 0.18, 0.27)


def powers(plane, where, side):
    """The mean power in each of the bands, for each block that lies wholly in `where`."""
    window = np.outer(np.hanning(side), np.hanning(side))
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side)))
    bands = [(frequency >= low) & (frequency < low * 1.5) for low in BANDS]
    found = []
    for y in range(0, plane.shape[0] - side + 1, side // 2):
        for x in range(0, plane.shape[1] - side + 1, side // 2):
            if where[y : y + side, x : x + side].all():
                block = plane[y : y + side, x : x + side]
                power = np.abs(np.fft.fft2((block - block.mean()) * window)) ** 2
                found.append([power[band].mean() for band in bands])
    return np.array(found)


def slope(found):
    """The exponent with which power falls with frequency in each block, and the mean of those.

    Not the exponent of the mean power: a block with an edge in it has a hundred times the power of one without, so that it
    alone would be measured. That hides blur and noise in all other blocks, and takes an edge that is missing for noise.
    """
    centres = np.log(np.array(BANDS) * np.sqrt(1.5))
    return float(np.polyfit(centres, np.log(found + 1e-3).mean(axis=0), 1)[0])


def sharpness(picture, mask, grown):
    """Fineness inside the hole and around it: (slope inside, slope around, contrast of detail inside / around, grain inside /
    around).

    The contrast is that of all, in which edges count most; grain is the amplitude in the bands of the slope in the block in
    the middle of all blocks, in which they count for nothing.
    """
    side = 32 if cv2.erode(mask.astype(np.uint8), np.ones((33, 33), np.uint8)).any() else 16
    reach = max(2 * side, int(np.sqrt(mask.sum()) / 2))
    around = (distance(grown) > 0) & (distance(grown) <= reach)
    plane = grey(picture)
    detail = np.abs(plane - cv2.GaussianBlur(plane, (0, 0), 1.5))
    contrast = float(np.sqrt((detail[mask] ** 2).mean() / max((detail[around] ** 2).mean(), 1e-9)))
    inner, outer = powers(plane, mask, side), powers(plane, around, side)
    if not len(inner) or not len(outer):
        return None, None, contrast, None
    middle = np.log(np.median(inner, axis=0) + 1e-3) - np.log(np.median(outer, axis=0) + 1e-3)
    return slope(inner), slope(outer), contrast, float(np.exp(middle.mean() / 2))
