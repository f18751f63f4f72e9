#!/usr/bin/env python3
"""Makes the seeds that the fuzzers begin from: a few small files of each kind. Needs Pillow.

    python3 fuzz/make_seeds.py

Those of graphs to rewrite are the ones of tests/rewriting: UPDATE_SEEDS=1 cargo test --features ort --test rewriting
"""

import pathlib
import struct

from PIL import Image, ImageCms, PngImagePlugin

HERE = pathlib.Path(__file__).parent
SEEDS = HERE / "seeds"
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"'
    b' tiff:Orientation="6" exif:GPSLatitude="1,2N"><tiff:ImageWidth>9</tiff:ImageWidth><!-- c -->'
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def seed(target: str, name: str, data: bytes) -> None:
    folder = SEEDS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def picture(mode: str, size=(17, 11)) -> Image.Image:
    base = Image.new("RGBA", size)
    base.putdata([(x * 15 % 256, y * 23 % 256, x * y % 256, 255 - x * 9 % 256) for y in range(size[1]) for x in range(size[0])])
    return base.convert(mode)


def saved(target: str, name: str, image: Image.Image, kind: str, **options) -> None:
    path = SEEDS / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, kind, **options)


def exif() -> bytes:
    """Camera, orientation, a date, coordinates; as a TIFF without pixels."""
    data = Image.Exif()
    data[0x010F], data[0x0112] = "maker", 6
    data.get_ifd(0x8769).update({0x9003: "2026:01:02 03:04:05", 0x829A: (1, 60)})
    data.get_ifd(0x8825).update({1: "N", 2: (1.0, 2.0, 3.0)})
    return data.tobytes().removeprefix(b"Exif\0\0")


def pictures() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for name, mode, options in [
        ("grey.jpg", "L", {}),
        ("halved.jpg", "RGB", {"subsampling": "4:2:0"}),
        ("full.jpg", "RGB", {"subsampling": "4:4:4", "quality": 95}),
        ("progressive.jpg", "RGB", {"progressive": True, "optimize": True}),
        ("restarts.jpg", "RGB", {"restart_marker_blocks": 1}),
        ("cmyk.jpg", "CMYK", {}),
        ("tells.jpg", "RGB", {"exif": b"Exif\0\0" + exif(), "xmp": XMP, "icc_profile": profile, "dpi": (300, 300)}),
    ]:
        saved("jpeg", name, picture(mode), "JPEG", **{"quality": 60, **options})
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
    texts.add_text("Raw profile type iptc", "\niptc\n       8\n1c02690003616263\n", zip=True)
    for name, mode, options in [
        ("bits.png", "1", {}),
        ("grey.png", "L", {}),
        ("grey_alpha.png", "LA", {}),
        ("palette.png", "P", {"transparency": 3}),
        ("colour.png", "RGB", {"dpi": (72, 72)}),
        ("alpha.png", "RGBA", {}),
        ("sixteen.png", "I;16", {}),
        ("tells.png", "RGB", {"pnginfo": texts, "exif": exif(), "icc_profile": profile}),
    ]:
        image = picture("L").convert("I").convert("I;16") if mode == "I;16" else picture(mode)
        saved("png", name, image, "PNG", **options)
    frames = {"save_all": True, "append_images": [picture("RGBA").rotate(90)], "duration": 50}
    saved("png", "animated.png", picture("RGBA"), "PNG", **frames)
    for name, mode, options in [
        ("lossy.webp", "RGB", {"quality": 40}),
        ("lossless.webp", "RGB", {"lossless": True}),
        ("alpha.webp", "RGBA", {"quality": 40}),
        ("alpha_lossless.webp", "RGBA", {"lossless": True}),
        ("animated.webp", "RGBA", frames),
        ("tells.webp", "RGB", {"exif": exif(), "xmp": XMP, "icc_profile": profile, "quality": 10}),
    ]:
        saved("webp", name, picture(mode), "WEBP", **options)
    saved("gif", "still.gif", picture("RGB"), "GIF")
    saved("gif", "interlaced.gif", picture("L"), "GIF", interlace=1)
    saved("gif", "animated.gif", picture("RGB"), "GIF", **{**frames, "transparency": 2, "disposal": 2})
    saved("avif", "tells.avif", picture("RGBA"), "AVIF", exif=exif(), xmp=XMP, icc_profile=profile, quality=10)
    saved("avif", "plain.avif", picture("RGB"), "AVIF", quality=10)
    for mode in ["1", "L", "P", "RGB", "RGBA"]:
        saved("bmp", f"{mode}.bmp", picture(mode), "BMP")
    # Run-length encoded, which Pillow does not write: 4 x 1 pixels of one colour.
    palette = bytes(4) + b"\x10\x20\x30\0"
    body = bytes([4, 1, 0, 1])
    header = struct.pack("<IiiHHIIiiII", 40, 4, 1, 1, 8, 1, len(body), 2835, 2835, 2, 0)
    start = 14 + len(header) + len(palette)
    file = b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start)
    seed("bmp", "runs.bmp", file + header + palette + body)
    seed("exif", "little", exif())
    seed("exif", "big", b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x03\0\0\0\0\0\0")
    seed("xmp", "packet", XMP)
    iptc = b"\x1c\x02\x69\0\x03abc\x1c\x02\x5a\0\x04city"
    seed("iptc_and_icc", "iptc", b"\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc)
    seed("iptc_and_icc", "icc", b"\x01" + profile)
    seed("iptc_and_icc", "jfif", b"\x02" + b"\x01\x02\x01\0\x48\0\x48\0\0")


def texts() -> None:
    root = HERE.parent
    catalog = (root / "src/models/catalog.toml").read_bytes()
    seed("texts", "catalog", b"\0" + catalog)
    points = '[{"x":1.0,"y":2.0},{"x":40.0,"y":30.5},{"x":9.0,"y":44.0}]'
    stroke = f'{{"tool":"brush","radius":4.5,"pressures":[0.5,1.0],"hardness":0.3,"points":{points}}}'
    marks = f'[{{"stroke":{stroke}}},{{"area":{{"tool":"eraser","rings":[{points}]}}}}]'
    tuning = (
        '{"feather_px":3,"context_percent":120,"detail":true,"steps":9,"guidance":2.0,"sampler":"ddim","idle_minutes":5}'
    )
    args = f'{{"job":1,"image":1,"mask":{{"base":null,"marks":{marks}}},"model":null,"seed":7,"tuning":{tuning}}}'
    seed("texts", "start_job", f'\x01{{"to":"offscreen","request":{{"call":"start_job","args":{args}}}}}'.encode())
    seed("texts", "serial", b'\x01{"serial":3,"request":{"call":"describe_engine","args":{}}}')
    seed("texts", "answer", b"\x02206\n100\nbytes 100-199/1000\nText/HTML; charset=utf-8\n")
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    listing = f'\x03[{{"type":"file","path":"d","size":5,"lfs":{{"oid":"{digest}","size":5}}}}]'
    seed("texts", "listing", listing.encode())
    for name in ["denoiser", "silent", "separate_bytes"]:
        graph = (root / f"tests/models/{name}.onnx").read_bytes()
        if len(graph) < 8192:
            seed("onnx", name, b"\x03" + graph)
            seed("rewrite", name, b"\x02" + graph)


pictures()
texts()
