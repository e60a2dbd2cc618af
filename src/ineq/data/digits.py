"""The handwritten digits that come with scikit-learn: 1797 real 8×8 grey images, no download (UCI, CC BY 4.0)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ineq.data.checks import check_int
from ineq.data.dataset import Dataset
from ineq.data.draws import generator
from ineq.errors import InputError
from ineq.extras import extra

SHAPE = (1, 8, 8)
SCALE = 16
"""The images hold whole numbers from 0 to 16, so that stored / 16 is exact in float32."""


def digits(
    path: Path | None = None,
    shape: Sequence[int] = SHAPE,
    held_out: int = 0,
    seed: int = 0,
    report: Callable[[str], None] = lambda line: None,
) -> Dataset:
    """The digits, shuffled by `seed`: the first `held_out` are the test split, the others the training split.

    They come with scikit-learn: `path` is not read. Raises `InputError` unless both splits get an image, and for
    another shape than theirs.
    """
    # Imported here: it takes a second, and only the stage that makes data.h5 needs it.
    with extra("workflow", "the data set of digits"):
        from sklearn.datasets import load_digits

    images, labels = map(np.asarray, load_digits(return_X_y=True))
    if tuple(shape) != SHAPE:
        raise InputError(f"shape is {list(shape)}: the digits are {list(SHAPE)}")
    held_out = check_int("held_out", held_out, 1, len(labels) - 1)
    order = generator(seed, "digits split").permutation(len(labels))
    stored = images.reshape(-1, 1, 8, 8).astype(np.uint8)
    parts = {"train": order[held_out:], "test": order[:held_out]}
    return Dataset(
        images={split: stored[rows] for split, rows in parts.items()},
        labels={split: labels[rows].astype(np.int64) for split, rows in parts.items()},
        scale=SCALE,
        classes=tuple("0123456789"),
    )
