"""Intervals over images; for a difference between two attacks, hand in the differences image by image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from ineq.data.checks import check_int
from ineq.data.draws import generator
from ineq.errors import InputError
from ineq.statistics.conclusions import Interval

LEVEL = 0.95
_BLOCK = 2**22  # drawn positions held at a time: 32 MiB, whatever the number of images
Limits = tuple[float, float]
"""What a value can be at least and at most."""
SHARE: Limits = (0.0, 1.0)
DIFFERENCE: Limits = (-1.0, 1.0)
"""Of a share, and of the difference of two, on one image."""
_ROUNDING = 1e-12  # of the largest value: far above float64's, far below what one image of a million changes


def mean_interval(
    values: ArrayLike, *, seed: int = 0, resamples: int = 2000, level: float = LEVEL, limits: Limits | None = None
) -> Interval:
    """Mean of `values` (N,), one per image, and the percentile bootstrap interval of it over images.

    Where all images agree, every resample does, and the bootstrap gives a point. With `limits`, what a value can be,
    the interval then is `unanimous_interval`.

    Resample b of N images has the same images whatever the values, so intervals of one sample belong together.
    Percentiles are numpy's, as in ``scipy.stats.bootstrap(method="percentile")``. What is 0 but for rounding is 0. No
    value gives three NaNs.
    """
    array = np.asarray(values, np.float64)
    if array.ndim != 1 or not np.isfinite(array).all():
        raise InputError(f"values have shape {array.shape}, expected (N,), all of them finite")
    count, draws = len(array), check_int("resamples", resamples, 1)
    if not count:
        return Interval(np.nan, np.nan, np.nan)
    if limits and np.ptp(array) <= _ROUNDING * np.abs(array).max():
        return unanimous_interval(float(array.mean()), count, limits, level)
    means = np.concatenate([array[rows].mean(axis=1) for rows in _resamples(check_int("seed", seed, 0), count, draws)])
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    # Sums of thirds miss 0 by their rounding: an interval that ends at 0 must not seem to leave it out.
    rounding = _ROUNDING * np.abs(array).max()
    return Interval(*(0.0 if abs(end) <= rounding else float(end) for end in (array.mean(), low, high)))


def _resamples(seed: int, count: int, draws: int) -> Iterable[np.ndarray]:
    """The images in each of `draws` resamples of `count` images, int64 (n, count) for n of them at a time."""
    return _kept(seed, count, draws) if draws * count <= _BLOCK else _drawn(seed, count, draws)


def _drawn(seed: int, count: int, draws: int) -> Iterator[np.ndarray]:
    random = generator(seed, "bootstrap")
    step = max(1, _BLOCK // count)
    for start in range(0, draws, step):
        yield random.integers(count, size=(min(step, draws - start), count))


@lru_cache(maxsize=4)
def _kept(seed: int, count: int, draws: int) -> list[np.ndarray]:
    """Drawn once for the hundreds of intervals over the same images: drawing takes longer than the means."""
    return list(_drawn(seed, count, draws))


def share_interval(right: int, count: int, level: float = LEVEL) -> Interval:
    """Share `right` of `count` images, and the interval of Wilson (1927), which has a width where all or none are.

    No image gives three NaNs.
    """
    check_int("right", right, 0, check_int("count", count, 0))
    if not count:
        return Interval(np.nan, np.nan, np.nan)
    share, quantile = right / count, NormalDist().inv_cdf((1 + level) / 2)
    spread = quantile**2 / count
    middle = (share + spread / 2) / (1 + spread)
    half = np.sqrt(share * (1 - share) * spread + spread**2 / 4) / (1 + spread)
    # Rounding must not push an end past 0 or 1, or past the share itself.
    return Interval(share, float(max(0, min(share, middle - half))), float(min(1, max(share, middle + half))))


def unanimous_interval(value: float, count: int, limits: Limits = SHARE, level: float = LEVEL) -> Interval:
    """The mean of what is `value` on all of `count` images, 1 or more, and can be from one of `limits` to the other.

    Of other images at most as many disagree as Wilson's interval for none of `count` allows, and by as much as can be.
    For a share of 0 or 1 that is Wilson's own interval; for a difference of two such shares on the same images it is
    Newcombe's (1998, paired, method 10).
    """
    least, most = limits
    others = share_interval(0, check_int("count", count, 1), level).high
    return Interval(value, value - others * (value - least), value + others * (most - value))


def rate_interval(rate: float, images: int) -> Interval:
    """A rate with Wilson's interval. A mean over repeats is not a count: the nearest one stands for it."""
    return share_interval(round(rate * images), images)


def difference_interval(first: Interval, last: Interval) -> Interval:
    """Last minus first for two independent estimates, from their own intervals (Newcombe 1998, method 10).

    For outcomes on the same images hand their differences to `mean_interval` instead: it is narrower.
    """
    difference = last.mean - first.mean
    low = np.hypot(last.mean - last.low, first.high - first.mean)
    high = np.hypot(last.high - last.mean, first.mean - first.low)
    return Interval(difference, float(difference - low), float(difference + high))
