"""How much an audit does, and how large its attacks are, by the size of the images. No torch: it plans studies, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ineq.errors import InputError

DRAWS, REPEATS = 1, 1
"""Draws of random places, and noise fields: fewer than a study's, for an audit takes minutes."""
FEWEST = 20
"""Images that a verdict needs: with fewer, every interval is as wide as the scale."""


class Effort(NamedTuple):
    """Images that are evaluated, most squares of occlusion, their colours, and most budgets of noise."""

    images: int
    squares: int
    colors: Sequence[str]
    budgets: int


FULL = Effort(200, 4, ("black", "gray", "white"), 5)
QUICK = Effort(50, 2, ("gray",), 1)
"""A sixth to a twelfth of the work: for a first look, and for images of 224 pixels on a CPU."""


@dataclass(frozen=True)
class Sizes:
    """Sides of regions and squares in pixels; numbers of noisy values, one of which, `headline`, is compared."""

    region: int
    radius: int
    subpixels: tuple[int, ...]
    headline: int


KNOWN = {
    8: (1, Sizes(2, 2, (1, 2, 4, 8, 16), 8)),
    32: (3, Sizes(4, 4, (10, 20, 102, 204, 408), 102)),
    224: (3, Sizes(16, 20, (500, 1000, 5000, 10000, 20000), 5000)),
}
"""By the side of square images: their channels, and the sizes of the study of such images."""


def nearest_side(shape: Sequence[int]) -> int:
    """The side in `KNOWN` that is nearest to the shorter one of images of this shape (C, H, W)."""
    return min(KNOWN, key=lambda side: abs(side - min(shape[1:])))


def sizes_for(shape: Sequence[int]) -> Sizes:
    """Sizes that are as large a part of images of this shape (C, H, W) as they are of those of the nearest known side.

    Raises `InputError` where no region divides the image.
    """
    channels, height, width = shape
    side = nearest_side(shape)
    known_channels, known = KNOWN[side]
    ratio, share = min(height, width) / side, channels * height * width / (known_channels * side * side)
    divisors = [size for size in range(2, min(height, width)) if height % size == 0 and width % size == 0]
    if not divisors:
        last = "; are the channels last, and should they come first?" if width <= 4 < height else ""
        raise InputError(
            f"images are {height}×{width}, expected sides that squares of at least 2 pixels fill: scale them, as by "
            f"--size 32{last}"
        )
    region = min(divisors, key=lambda size: abs(size - known.region * ratio))
    counts = {size: max(1, round(size * share)) for size in known.subpixels}
    radius = max(1, round(known.radius * ratio))
    return Sizes(region, radius, tuple(sorted(set(counts.values()))), counts[known.headline])


def fewer(sizes: Sequence[int], headline: int, budgets: int) -> list[int]:
    """No more than so many of these numbers of noisy values: the headline's and the largest others, ascending."""
    others = [size for size in sizes if size != headline]
    return sorted([headline, *others[max(0, len(others) - budgets + 1) :]])
