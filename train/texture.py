"""The texture step, as the extension does it after the network (its own form is Rust, `src/imaging/texture`).

Each patch of the fill looks, in the low band alone, for its nearest real patch; what that patch has above the low
band is laid over the fill, with some of the fill's own.
"""

import cv2
import numpy as np

PATCH, QUERY_STRIDE, SOURCE_STRIDE, REACH = 11, 5, 3, 80
SIGMA, KEPT, GAIN = 2.0, 0.35, 1.15
# Of the patches compared at once.
CHUNK = 256


def textured(picture, hole, fill):
    """picture, fill: [h, w, 3] u8; hole: [h, w] bool -> [h, w, 3] u8, the hole filled and grained."""
    known = (~hole).astype(np.float32)
    weight = np.maximum(cv2.GaussianBlur(known, (0, 0), SIGMA), 1e-3)[:, :, None]
    low = cv2.GaussianBlur(picture * known[:, :, None], (0, 0), SIGMA) / weight
    high = (picture - low) * known[:, :, None]
    whole = np.where(hole[:, :, None], fill, picture).astype(np.float32)
    low_fill = cv2.GaussianBlur(whole, (0, 0), SIGMA)
    corners = np.lib.stride_tricks.sliding_window_view(hole, (PATCH, PATCH)).any((2, 3))
    queries = on_grid(corners, QUERY_STRIDE)
    near = cv2.dilate(hole.astype(np.uint8), np.ones((2 * REACH + 1, 2 * REACH + 1))) > 0
    sources = on_grid(~corners & near[: corners.shape[0], : corners.shape[1]], SOURCE_STRIDE)
    if len(sources) < 500:
        sources = on_grid(~corners, SOURCE_STRIDE)
    if len(sources) < 50:
        return np.where(hole[:, :, None], fill, picture)
    grain = gathered(high, queries, sources[nearest(low_fill, low, queries, sources)])
    detail = whole - low_fill
    result = np.clip(low_fill + KEPT * detail + GAIN * grain, 0, 255).round().astype(np.uint8)
    return np.where(hole[:, :, None], result, picture)


def on_grid(wanted, stride):
    """[n, 2]: rows and columns where `wanted`, on every `stride`-th of each."""
    return np.argwhere(wanted[::stride, ::stride]) * stride


def patches(picture, corners):
    """[n, PATCH * PATCH * 3] f32"""
    windows = np.lib.stride_tricks.sliding_window_view(picture, (PATCH, PATCH), (0, 1))
    return windows[corners[:, 0], corners[:, 1]].reshape(len(corners), -1).astype(np.float32) / 255


def nearest(asking, asked, queries, sources):
    """For each query the index of the source with the least squared difference."""
    among = patches(asked, sources)
    norms = (among * among).sum(1)
    found = [
        (norms - 2 * patches(asking, queries[i : i + CHUNK]) @ among.T).argmin(1) for i in range(0, len(queries), CHUNK)
    ]
    return np.concatenate(found)


def gathered(high, queries, chosen):
    """Overlapping patches of `high`, averaged by a squared Hann window."""
    line = np.hanning(PATCH + 2)[1:-1]
    window = (np.outer(line, line) ** 2).astype(np.float32)[:, :, None]
    total, weight = np.zeros_like(high, np.float32), np.zeros((*high.shape[:2], 1), np.float32)
    for (y, x), (v, u) in zip(queries, chosen):
        total[y : y + PATCH, x : x + PATCH] += window * high[v : v + PATCH, u : u + PATCH]
        weight[y : y + PATCH, x : x + PATCH] += window
    return total / np.maximum(weight, 1e-4)
