"""What the grid of predictions says: Algorithm 1 read in three ways. No model is needed, and no torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ineq.data.checks import whole
from ineq.errors import InputError, refuse_unknown

READINGS = ("any", "literal", "fixed")


def first_success(grid: ArrayLike, labels: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Count and radius, from 1, of the first misclassified budget in Algorithm 1's order; both 0 where there is none.

    `grid` (…, N, count, radius) holds predictions, `labels` (N,) the true classes; the results are int64 (…, N).
    """
    wrong = _wrong(grid, labels)
    # PAPER §3.2.2, Algorithm 1: n in the outer loop, r in the inner one.
    flat = wrong.reshape(*wrong.shape[:-2], -1)
    first, found = flat.argmax(-1), flat.any(-1)
    return np.where(found, first // wrong.shape[-1] + 1, 0), np.where(found, first % wrong.shape[-1] + 1, 0)


def success(
    grid: ArrayLike, labels: ArrayLike, reading: str = "any", count: int | None = None, radius: int | None = None
) -> np.ndarray:
    """Whether the attack with budget (`count`, `radius`), by default the whole grid's, succeeds: bool (…, N).

    - "any": some try up to the budget succeeds, as if Algorithm 1 stopped at its first success;
    - "literal": its `break` leaves the inner loop only, so the tries with `count` regions decide;
    - "fixed": the mask of the budget itself decides.
    """
    refuse_unknown("reading", str(reading), READINGS)
    wrong = _wrong(grid, labels)
    n = whole("count", wrong.shape[-2] if count is None else count, 1, wrong.shape[-2])
    r = whole("radius", wrong.shape[-1] if radius is None else radius, 1, wrong.shape[-1])
    if reading == "any":  # ASSUME(§3.2.2): Algorithm 1 is meant to stop at its first success
        return np.asarray(wrong[..., :n, :r].any(axis=(-2, -1)))
    return np.asarray(wrong[..., n - 1, :r].any(axis=-1)) if reading == "literal" else wrong[..., n - 1, r - 1]


def _wrong(grid: ArrayLike, labels: ArrayLike) -> np.ndarray:
    """Which predictions differ from the label, (…, N, count, radius)."""
    predictions, truth = np.asarray(grid), np.asarray(labels)
    if predictions.ndim < 3 or not predictions.size or truth.shape != predictions.shape[-3:-2]:
        given = f"grid has shape {predictions.shape} and labels {truth.shape}"
        raise InputError(f"{given}: wanted (…, N, count, radius) and (N,)")
    return predictions != truth[:, None, None]
