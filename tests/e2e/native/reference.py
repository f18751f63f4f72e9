"""The same work as the extension's, with the tools that people use outside a browser. Prints JSON; times in milliseconds.

Usage: reference.py MODEL.onnx PICTURE.jpg X Y RADIUS, where a disc of that radius at X, Y is to be erased.
"""

import json
import sys
import time

import cv2
import numpy as np
import onnxruntime

SIDE = 512
REPEATS = 5
THREADS = 2


def median_millis(work):
    """Runs `work` once to warm up, then a few times; returns its last value and the median time."""
    work()
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        value = work()
        times.append((time.perf_counter() - started) * 1000)
    return value, sorted(times)[REPEATS // 2]


def network(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    generator = np.random.default_rng(1)
    image = generator.random((1, 3, SIDE, SIDE), dtype=np.float32)
    mask = np.zeros((1, 1, SIDE, SIDE), np.float32)
    mask[:, :, 200:300, 200:300] = 1
    image *= 1 - mask
    return median_millis(lambda: session.run(None, {"image": image, "mask": mask}))


def crop_of(shape, x, y, radius):
    side = int(min(max(SIDE, 6 * radius), *shape[:2]))
    left = int(np.clip(x - side / 2, 0, shape[1] - side))
    top = int(np.clip(y - side / 2, 0, shape[0] - side))
    return slice(top, top + side), slice(left, left + side), side


def pixels(path, x, y, radius):
    """Everything but the network: decode, crop, shrink, enlarge, feather, blend, encode."""
    cv2.setNumThreads(1)
    with open(path, "rb") as file:
        data = np.frombuffer(file.read(), np.uint8)
    picture, decode = median_millis(lambda: cv2.imdecode(data, cv2.IMREAD_COLOR))

    def work():
        rows, columns, side = crop_of(picture.shape, x, y, radius)
        mask = np.zeros(picture.shape[:2], np.uint8)
        cv2.circle(mask, (int(x), int(y)), int(radius), 255, -1)
        grow = 25
        mask = cv2.dilate(mask[rows, columns], cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grow + 1,) * 2))
        crop = picture[rows, columns]
        small = cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        fill = cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC)
        matte = cv2.GaussianBlur(mask, (0, 0), grow / 2).astype(np.float32)[..., None] / 255
        result = picture.copy()
        result[rows, columns] = np.rint(crop * (1 - matte) + fill * matte).astype(np.uint8)
        return result

    result, blend = median_millis(work)
    _, encode = median_millis(lambda: cv2.imencode(".jpg", result, [cv2.IMWRITE_JPEG_QUALITY, 90]))
    return {"decode": decode, "blend": blend, "encode": encode}


def main():
    model, path, x, y, radius = sys.argv[1], sys.argv[2], *map(float, sys.argv[3:6])
    _, network_millis = network(model)
    print(json.dumps({"network": network_millis, **pixels(path, x, y, radius)}))


main()
