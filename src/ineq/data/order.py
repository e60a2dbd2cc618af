"""What data sets with splits of their own have in common: nothing to hold out, and a seeded order of the images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ineq.data.dataset import SPLITS, Dataset
from ineq.data.draws import generator
from ineq.errors import InputError


def refuse_held_out(held_out: int, what: str) -> None:
    """Raise `InputError` unless `held_out` is 0: `what` has its own test split."""
    if held_out:
        raise InputError(f"held_out is {held_out}: {what} has its own splits, expected 0")


def order_of(split: str, count: int, seed: int) -> np.ndarray:
    """The order of a split's files, which come class by class: shuffled, its first images are of all classes."""
    return generator(seed, "folder order", SPLITS.index(split)).permutation(count)


def shuffled(
    splits: Mapping[str, tuple[Sequence[np.ndarray] | np.ndarray, Sequence[int] | np.ndarray]],
    classes: Sequence[str],
    seed: int,
) -> Dataset:
    """A data set of 8-bit images uint8 (C, H, W) and their labels, each split in an order of its own that `seed` gives.

    A split without images is left out.
    """
    images, labels = {}, {}
    for split, (pixels, numbers) in splits.items():
        if not len(pixels):
            continue
        order = order_of(split, len(pixels), seed)
        images[split] = np.stack([pixels[row] for row in order])
        labels[split] = np.asarray(numbers, dtype=np.int64)[order]
    return Dataset(images=images, labels=labels, scale=255, classes=tuple(classes))
