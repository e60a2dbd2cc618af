"""One image file's bytes as stored pixels: converted where nothing is lost by it, else refused."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence

import numpy as np

from ineq.errors import InputError
from ineq.extras import extra

with extra("workflow", "an image file"):
    from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

MODES = {1: "L", 3: "RGB"}
EIGHT_BIT = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"}
# Pillow knows more, some of which start another program (EPS) or fetch what they only refer to.
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
LARGEST = 2**26
"""Pixels of an image that is resized: one of a million by one would fill all memory."""
ROTATED = range(2, 9)
"""The values of EXIF's orientation that say to turn or mirror an image; 1 and those that mean nothing do not."""


def decode(content: bytes, shape: Sequence[int], resize: int = 0) -> tuple[np.ndarray, list[str]]:
    """Pixels uint8 (C, H, W) = `shape` of an image file, and what was converted; C is 1 or 3.

    Turned as its EXIF orientation says; grayscale, palette and CMYK become RGB (or all of them grayscale, for one
    channel); an alpha channel goes if nothing is transparent. With `resize` an image of any size is made so large that
    its shorter side has that many pixels, and H×W are cut from its centre, as is customary for ImageNet.

    Raises `InputError` for what is no image, not whole, of several frames or more than 8 bits, transparent, or, without
    `resize`, of another size.
    """
    if shape[0] not in MODES:
        raise InputError(f"shape is {list(shape)}: image files are read as 1 or 3 channels")
    if not content:
        raise InputError("is empty")
    try:
        with warnings.catch_warnings():
            # Pillow's word for a broken EXIF block, or a size that is likely an attack.
            warnings.simplefilter("error", UserWarning)
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return redecode(content, shape, resize)
    except InputError:
        raise
    except UnidentifiedImageError:
        raise InputError(f"is not an image ({', '.join(FORMATS)})") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InputError(f"is many times as big as wanted, {shape[2]}×{shape[1]}") from None
    # Bytes may be broken in ways that no list of exceptions covers: struct, zlib and every format's own.
    except Exception as error:
        raise InputError(f"is not a whole image ({' '.join(str(error).split()) or type(error).__name__})") from None


def redecode(content: bytes, shape: Sequence[int], resize: int = 0) -> tuple[np.ndarray, list[str]]:
    """What `decode` gives, of bytes that it has taken before; unlike it, this may run in several threads at once."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
        _check_header(opened, content, shape, resize)
        opened.load()
        return _pixels(opened, shape, resize)


def _check_header(opened: Image.Image, content: bytes, shape: Sequence[int], resize: int) -> None:
    """Refuse what can be told before any pixel is decoded, so that a small file cannot ask for all memory."""
    _, height, width = shape
    # Turned, it may fit; `_pixels` looks again.
    if not resize and opened.size not in ((width, height), (height, width)):
        raise InputError(_size(opened, shape))
    if (frames := getattr(opened, "n_frames", 1)) > 1:
        raise InputError(f"holds {frames} frames, expected one image")
    # Colour images of 16 bits are 'RGB' to Pillow, which cuts them to 8: only how it reads the file tells.
    if any(_sixteen_bit(tile[3]) for tile in getattr(opened, "tile", ())):
        raise InputError("has 16 bits a channel, expected 8")
    if opened.format == "PNG":
        # Pillow reads the pixels past wrong checksums and a missing end.
        with Image.open(io.BytesIO(content), formats=("PNG",)) as again:
            again.verify()


def _sixteen_bit(arguments: object) -> bool:
    """Whether a decoder is told to read 16 bits: `RGB;16B` and the like, or (PPM) a maximum above 255."""
    values = arguments if isinstance(arguments, tuple) else (arguments,)
    mode, *rest = values or ("",)
    ppm = len(values) == 2 and isinstance(rest[0], int) and rest[0] > 255
    return ppm or (isinstance(mode, str) and mode.endswith((";16B", ";16L", ";16N", ";16")) and "BGR" not in mode)


def _pixels(opened: Image.Image, shape: Sequence[int], resize: int) -> tuple[np.ndarray, list[str]]:
    """`decode` of a loaded image."""
    channels, height, width = shape
    image, conversions = opened, []
    if opened.getexif().get(ExifTags.Base.Orientation, 1) in ROTATED:
        conversions.append("turned as their EXIF orientation says")
        image = ImageOps.exif_transpose(opened)
    if image.mode not in EIGHT_BIT:
        raise InputError(f"has pixels of kind '{image.mode}', expected 8 bits a channel")
    if image.has_transparency_data:
        lowest = image.convert("RGBA").getchannel("A").getextrema()[0]
        if lowest < 255:  # pyright: ignore[reportOperatorIssue]
            raise InputError("has transparent pixels, expected opaque ones")
        conversions.append("alpha channel without transparency left out")
        image = image.convert("RGBA").convert("RGB")
    # An opaque RGBA image is not converted further: what became of it is said already.
    if image.mode != MODES[channels]:
        conversions.append(f"converted from {opened.mode} to {MODES[channels]}")
        image = image.convert(MODES[channels])
    if resize:
        image = _centre(image, resize, width, height)
    if image.size != (width, height):
        raise InputError(_size(image, shape))
    return np.asarray(image).reshape(height, width, channels).transpose(2, 0, 1), conversions


def _centre(image: Image.Image, resize: int, width: int, height: int) -> Image.Image:
    """As torchvision's `Resize` and `CenterCrop` do it, rounding included: claimed accuracies are measured so."""
    across, down = (int(side * resize / min(image.size)) for side in image.size)
    if across * down > LARGEST:
        raise InputError(f"is {image.width}×{image.height}, too long to be made {resize} pixels wide")
    resized = image.resize((across, down), Image.Resampling.BILINEAR)
    left, top = round((across - width) / 2), round((down - height) / 2)
    return resized.crop((left, top, left + width, top + height))


def _size(image: Image.Image, shape: Sequence[int]) -> str:
    return f"is {image.width}×{image.height}, expected {shape[2]}×{shape[1]}"
