"""One image file's bytes as stored pixels: converted where nothing is lost by it, else refused."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from ineq.errors import InputError
from ineq.extras import extra

with extra("workflow", "an image file"):
    from PIL import ExifTags, Image, UnidentifiedImageError

MODES = {1: "L", 3: "RGB"}
EIGHT_BIT = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"}
# Pillow knows more, some of which start another program (EPS) or fetch what they only refer to.
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
LARGEST = 2**26
"""Pixels of an image that is resized: one of a million by one would fill all memory."""
TOO_LARGE = f"has more than {Image.MAX_IMAGE_PIXELS:,} pixels, expected fewer"
TURNS = {
    **{2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM},
    **{5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE},
    8: Image.Transpose.ROTATE_90,
}
"""How to turn or mirror an image by EXIF's orientation; 1, and what means nothing, turn nothing."""
DAMAGED = "with damaged EXIF or the like, which was ignored"


def decode(content: bytes, shape: Sequence[int], resize: int = 0) -> tuple[np.ndarray, list[str]]:
    """Pixels uint8 (C, H, W) = `shape` of an image file, and what was converted; C is 1 or 3.

    Turned as its EXIF orientation says, if that is readable; grayscale, palette and CMYK become RGB (or all of them
    grayscale, for one channel); an alpha channel goes if nothing is transparent; of several pictures of a camera (MPO)
    the first is taken. With `resize` an image of any size is made so large that its shorter side has that many pixels,
    and H×W are cut from its centre, as is customary for ImageNet.

    Raises `InputError` for what is no image, not whole, of several frames or more than 8 bits, transparent, or, without
    `resize`, of another size.
    """
    if shape[0] not in MODES:
        raise InputError(f"shape is {list(shape)}: image files are read as 1 or 3 channels")
    too_large = TOO_LARGE if resize else f"is many times as big as wanted, {shape[2]}×{shape[1]}"
    with _checked(content, too_large) as damage:
        pixels, conversions = redecode(content, shape, resize)
    return pixels, [*conversions, *([DAMAGED] if damage else [])]


def header(content: bytes) -> tuple[int, int, int]:
    """Channels, 1 or 3, height and width of an image file as `decode` would turn it; raises `InputError` as it does."""
    with (
        _checked(content, TOO_LARGE),
        Image.open(io.BytesIO(content), formats=FORMATS) as opened,
    ):
        if opened.format == "TIFF":
            opened.load()  # which turns it already
        width, height = opened.size if _orientation(opened) < 5 else opened.size[::-1]
        return 1 if opened.mode in ("1", "L") else 3, height, width


@contextmanager
def _checked(content: bytes, too_large: str) -> Iterator[list[warnings.WarningMessage]]:
    """Inside, whatever Pillow says against an image is one sentence; what it says of the metadata only is collected."""
    if not content:
        raise InputError("is empty")
    try:
        with warnings.catch_warnings(record=True) as damage:
            warnings.simplefilter("ignore")
            # In a TIFF file, and in no other, broken metadata may be those that say where the pixels are.
            warnings.simplefilter("error" if content[:2] in (b"II", b"MM") else "always", UserWarning)
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield damage
    except InputError:
        raise
    except UnidentifiedImageError:
        raise InputError(f"is not an image of a kind that is read ({', '.join(FORMATS)})") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InputError(too_large) from None
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
    # A camera's further pictures (MPO) are previews, depth and the like; those of other files are all meant.
    if (frames := getattr(opened, "n_frames", 1)) > 1 and opened.format != "MPO":
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
    image, conversions = opened, ["the first of several pictures in one file"] if opened.format == "MPO" else []
    if (turn := TURNS.get(_orientation(opened))) is not None:
        conversions.append("turned as their EXIF orientation says")
        image = opened.transpose(turn)
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


def _orientation(image: Image.Image) -> int:
    """What EXIF says of how to turn it; 1, not at all, where that cannot be read."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    # Bytes that are no EXIF raise whatever the step that they break in raises.
    except Exception as error:
        warnings.warn(str(error), stacklevel=1)
        return 1
    return value if isinstance(value, int) else 1


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
