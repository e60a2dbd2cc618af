"""Which images robustness is measured on: a seeded draw from the whole split, whatever models say of them."""

from __future__ import annotations

import numpy as np

from ineq.data.checks import check_int
from ineq.data.draws import generator
from ineq.errors import InputError


def draw_subset(labels: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Positions, int64 (size,), of the first `size` images of the shuffled split with classes `labels` (N,).

    Unlike the sample's, they may be wrong without attack, so that clean accuracy means something. A bigger subset
    starts with the smaller one. Raises `InputError` when the split has fewer.
    """
    if check_int("the subset's size", size, 1) > len(labels):
        raise InputError(f"the split has only {len(labels)} images, expected {size}")
    # ASSUME(Table 5): the paper does not say on which images; here a seeded subset of the evaluation split.
    return generator(seed, "robustness").permutation(len(labels))[:size].astype(np.int64)
