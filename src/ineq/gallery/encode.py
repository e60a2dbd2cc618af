"""Pictures and curves as text that a page can hold: small, and the same for the same values."""

from __future__ import annotations

import base64
import io

import numpy as np
from matplotlib import colormaps
from PIL import Image

from ineq.figures.measures import lorenz
from ineq.figures.pictures import channel_sum
from ineq.figures.style import SIGNED

SIDE = 96
"""Pixels of the longer side of a picture at most."""
EXACT = 64
"""Pixels of the longer side up to which every pixel is kept as it is."""
LEVELS = 21
"""Colours of a map, an odd number: zero has one of its own."""
POINTS = 31


def picture(image: np.ndarray) -> str:
    """An image (C, H, W) in [0, 1] as a data address; one channel as grey."""
    small = shrunk(image)
    pixels = np.rint(255 * small.clip(0, 1)).astype(np.uint8)
    shown = Image.fromarray(pixels.transpose(1, 2, 0) if len(pixels) == 3 else pixels[0])
    return _address(shown, exact=max(pixels.shape[1:]) <= EXACT)


def signed(values: np.ndarray) -> str:
    """A map (C, H, W) as a data address, coloured as in the figure of maps."""
    flat, top = channel_sum(shrunk(values))
    levels = np.rint((flat / top + 1) / 2 * (LEVELS - 1)).astype(np.uint8)
    shown = Image.fromarray(levels, mode="P")
    shown.putpalette((colormaps[SIGNED](np.linspace(0, 1, LEVELS))[:, :3] * 255).round().astype(np.uint8).tobytes())
    return _address(shown.convert("RGB"), exact=True)


def shrunk(values: np.ndarray) -> np.ndarray:
    """(C, H, W) with means over boxes of pixels for a longer side of `SIDE`; as it is where it is no longer."""
    height, width = values.shape[1:]
    scale = SIDE / max(height, width)
    if scale >= 1:
        return values
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    planes = [Image.fromarray(np.ascontiguousarray(plane, np.float32)) for plane in values]
    return np.stack([np.asarray(plane.resize(size, Image.Resampling.BOX)) for plane in planes])


def curve(values: np.ndarray) -> str:
    """The Lorenz curve of a map (C, H, W) as an SVG path in a square of 100, zero below left; empty for a zero map."""
    if not values.any():
        return ""
    shares = lorenz(values[None])
    # Closer to each other where the curve rises.
    x = 1 - (1 - np.linspace(0, 1, POINTS)) ** 2
    y = np.interp(x, np.linspace(0, 1, len(shares)), shares)
    return "M" + "L".join(f"{100 * a:.4g} {100 - 100 * b:.4g}" for a, b in zip(x, y, strict=True))


def _address(shown: Image.Image, exact: bool) -> str:
    stream = io.BytesIO()
    shown.save(stream, format="WEBP", lossless=exact, quality=50, method=4)
    return f"data:image/webp;base64,{base64.b64encode(stream.getvalue()).decode()}"
