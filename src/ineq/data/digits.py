"""The handwritten digits that come with scikit-learn: 1797 real 8×8 grey images, no download (UCI, CC BY 4.0)."""

from __future__ import annotations

import numpy as np

from ineq.data.checks import whole
from ineq.data.dataset import Dataset
from ineq.data.draws import generator

SCALE = 16
"""The images hold whole numbers from 0 to 16, so that stored / 16 is exact in float32."""


def digits(held_out: int, seed: int) -> Dataset:
    """The digits, shuffled by `seed`: the first `held_out` are the test split, the others the training split.

    Raises `InputError` unless both splits get an image.
    """
    # Imported here: it takes a second, and only the stage that makes data.h5 needs it.
    from sklearn.datasets import load_digits

    images, labels = map(np.asarray, load_digits(return_X_y=True))
    held_out = whole("held_out", held_out, 1, len(labels) - 1)
    order = generator(seed, "digits split").permutation(len(labels))
    stored = images.reshape(-1, 1, 8, 8).astype(np.uint8)
    parts = {"train": order[held_out:], "test": order[:held_out]}
    return Dataset(
        images={split: stored[rows] for split, rows in parts.items()},
        labels={split: labels[rows].astype(np.int64) for split, rows in parts.items()},
        scale=SCALE,
        classes=tuple("0123456789"),
    )
