#!/usr/bin/env python3
"""Makes the photographs of this folder from the packages that carry them.

Needs Pillow, and:
    apt-get download lomiri-wallpapers-16.04 lomiri-wallpapers-20.04   (version 20.04.0-2, Debian)
    pip download --no-deps scikit-image==0.26.0                        (PyPI)
each unpacked (`dpkg -x`, `unzip`) into the folder that is given:
    python3 make.py FOLDER

Photographs are scaled to the width below and saved as JPEG; nothing else is changed. LICENSES.md says whose they are.
"""

import pathlib
import sys

from PIL import Image

# Name here, name in the package, width in pixels, JPEG quality.
PHOTOS = [
    ("bridge", "Bridge_by_Sander_Klootwijk.jpg", 1120, 86),
    ("coffee", "coffee.png", 600, 88),
    ("dandelions", "seeding_by_Clements_Engelhardt.jpg", 1120, 86),
    ("mountain", "picosdeeuropa_by_Aitzol_Berasategi.jpg", 1000, 85),
    ("nuthatch", "Kleiber_by_Lukas_Baubkus.jpg", 1120, 86),
    ("parakeet", "free_by_Peter_Nerlich.jpg", 1000, 88),
    ("rocket", "rocket.jpg", 640, 88),
    ("summit", "sunset_by_Aitzol_Berasategi.jpg", 1080, 85),
]


def main() -> None:
    packages = pathlib.Path(sys.argv[1])
    here = pathlib.Path(__file__).parent
    for name, source, width, quality in PHOTOS:
        photo = Image.open(next(packages.rglob(source))).convert("RGB")
        height = round(photo.height * width / photo.width)
        if photo.width != width:
            photo = photo.resize((width, height), Image.Resampling.LANCZOS)
        target = here / f"{name}.jpg"
        photo.save(target, quality=quality, optimize=True, progressive=False)
        print(f"{target.name}: {width} x {height}, {target.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
