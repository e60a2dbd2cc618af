"""One image file's bytes as stored pixels: converted where nothing is lost by it, else refused."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ineq.errors import InputError

MODES = {1: "L", 3: "RGB"}
EIGHT_BIT = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"}


def decode(content: bytes, shape: Sequence[int]) -> tuple[np.ndarray, list[str]]:
    """Pixels uint8 (C, H, W) = `shape` of an image file, and what was converted.

    Turned as its EXIF orientation says; grayscale, palette and CMYK become RGB (or all of them grayscale, for one
    channel); an alpha channel goes if nothing is transparent. Raises `InputError` for what is no image, not whole, of
    several frames or more than 8 bits, transparent, or of another size.
    """
    if not content:
        raise InputError("is empty")
    try:
        with Image.open(io.BytesIO(content)) as opened:
            if getattr(opened, "n_frames", 1) > 1:
                raise InputError(f"holds {opened.n_frames} frames, wanted one image")  # pyright: ignore
            opened.load()
            return _pixels(opened, shape)
    except UnidentifiedImageError:
        raise InputError("is not an image") from None
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"is not a whole image ({' '.join(str(error).split())})") from None


def _pixels(opened: Image.Image, shape: Sequence[int]) -> tuple[np.ndarray, list[str]]:
    channels, height, width = shape
    conversions = []
    image = ImageOps.exif_transpose(opened)
    if opened.getexif().get(0x0112, 1) != 1:
        conversions.append("turned as their EXIF orientation says")
    if image.mode not in EIGHT_BIT:
        raise InputError(f"has pixels of kind '{image.mode}', wanted 8 bits a channel")
    if image.has_transparency_data:
        lowest = image.convert("RGBA").getchannel("A").getextrema()[0]
        if lowest < 255:  # pyright: ignore[reportOperatorIssue]
            raise InputError("has transparent pixels, wanted opaque ones")
        conversions.append("alpha channel without transparency left out")
        image = image.convert("RGBA").convert("RGB")
    if image.mode != MODES[channels]:
        conversions.append(f"converted from {opened.mode} to {MODES[channels]}")
        image = image.convert(MODES[channels])
    if image.size != (width, height):
        raise InputError(f"is {image.width}×{image.height}, wanted {width}×{height}")
    return np.asarray(image).reshape(height, width, channels).transpose(2, 0, 1), conversions
