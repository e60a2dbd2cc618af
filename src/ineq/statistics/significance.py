"""Exact McNemar for two classifiers on the same images, and Holm's correction for several tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ineq.data.checks import check_int
from ineq.errors import InputError
from ineq.extras import extra


def mcnemar(only_one: int, only_other: int) -> float:
    """Two-sided p of the exact McNemar test from the two numbers of discordant images; 1 where there are none."""
    with extra("workflow", "McNemar's test"):
        from scipy.special import bdtr  # `scipy.stats` has the test itself, and takes seconds to import

    first, second = check_int("only_one", only_one, 0), check_int("only_other", only_other, 0)
    # The distribution is symmetric: both tails are twice the smaller one, which overlap where the numbers are equal.
    return min(1.0, 2 * float(bdtr(min(first, second), first + second, 0.5)))


def holm(p_values: ArrayLike) -> np.ndarray:
    """Holm's adjusted p-values, float64 (K,), of the p-values (K,) of one family of tests."""
    p = np.asarray(p_values, np.float64)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise InputError(f"p_values have shape {p.shape}, expected (K,), all of them in [0, 1]")
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    # The smallest is multiplied by K, the next by K − 1, …; none may come out smaller than the one before it.
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
    return adjusted
