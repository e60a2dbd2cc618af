"""Image files as they are found: good ones, and every way in which one may be none."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import numpy as np
from PIL import Image

COLOUR, GREY = (3, 8, 8), (1, 8, 8)

PIXELS = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)

RGB = Image.fromarray(PIXELS)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of these chunks, for what Pillow does not write."""
    framed = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def deep_png(size: int = 8) -> bytes:
    """A colour PNG of 16 bits a channel."""
    rows = b"".join(b"\0" + bytes(6 * size) for _ in range(size))
    header = struct.pack(">IIBBBBB", size, size, 16, 2, 0, 0, 0)
    return png((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))


def huge_png() -> bytes:
    """A few bytes that say they are 10 gigapixels."""
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return png((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(RGB, exif=exif)


TRANSPARENT = Image.fromarray(np.dstack([PIXELS, np.full((8, 8), 254, np.uint8)]))

PALETTE = RGB.quantize(16)

BROKEN: dict[str, tuple[bytes, str]] = {
    "16bit-grey.png": (encoded(Image.fromarray(np.zeros((8, 8), np.uint16))), "16 bits a channel"),
    "16bit.png": (deep_png(), "has 16 bits a channel, expected 8"),
    "16bit.ppm": (b"P6 8 8 65535\n" + bytes(384), "has 16 bits a channel, expected 8"),
    "float.tif": (encoded(Image.fromarray(np.zeros((8, 8), np.float32)), "TIFF"), "has pixels of kind 'F'"),
    "moving.gif": (encoded(PALETTE, "GIF", save_all=True, append_images=[PALETTE.rotate(90)]), "holds 2 frames"),
    "cut.jpg": (encoded(RGB, "JPEG")[:-30], "is not a whole image (image file is truncated"),
    "cut.png": (encoded(RGB)[:-40], "is not a whole image"),
    "no-end.png": (encoded(RGB)[:-12], "is not a whole image"),
    "flipped-bit.png": (encoded(RGB)[:80] + b"?" + encoded(RGB)[81:], "is not a whole image"),
    "empty.png": (b"", "is empty"),
    "text.jpg": (b"a note on the images\n", "is not an image"),
    "vector.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n", "is not an image"),
    "wide.png": (encoded(RGB.resize((9, 8))), "is 9×8, expected 8×8"),
    "bomb.png": (huge_png(), "is many times as big as wanted, 8×8"),
    "see-through.png": (encoded(TRANSPARENT), "has transparent pixels"),
    "see-through-grey.png": (encoded(TRANSPARENT.convert("LA")), "has transparent pixels"),
    "see-through-palette.png": (encoded(PALETTE, transparency=PALETTE.getpixel((0, 0))), "has transparent pixels"),
    ".DS_Store": (b"\0\0\0\1Bud1", "is a hidden file"),
    ".hidden.png": (encoded(RGB), "is a hidden file"),
}


def written(top: Path, names: Iterable[str]) -> Path:
    for name in names:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(encoded(RGB))
    return top


def packed(path: Path, names: Iterable[str], system: int = 3) -> Path:
    """A zip file; `system` 0 is Windows, where names may be written with backslashes."""
    with ZipFile(path, "w") as archive:
        for name in names:
            member = ZipInfo("x")
            member.filename, member.create_system = name, system
            archive.writestr(member, encoded(RGB))
    return path


def of(*splits: str) -> list[str]:
    return [f"{split}/{label}/1.png" for split in splits for label in "ab"]
