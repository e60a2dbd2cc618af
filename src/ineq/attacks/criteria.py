"""When an attack has succeeded, by what was predicted at each of its budgets. No model is needed, and no torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ineq.data.checks import check_int
from ineq.errors import InputError, refuse_unknown

CRITERIA = ("any", "literal", "fixed")


def first_success(wrong: ArrayLike) -> np.ndarray:
    """Place of the first budget that succeeds, the last axis of budgets the fastest, int64 (…); −1 where none does.

    `wrong` (budgets, …) says whether the predictions differ from the label, with all budgets in one axis.
    """
    flat = np.asarray(wrong)
    # PAPER §3.2.2, Algorithm 1: n in the outer loop, r in the inner one.
    return np.where(flat.any(0), flat.argmax(0), -1)


def success(wrong: ArrayLike, criterion: str = "any", budget: Sequence[int] | None = None, *, axes: int) -> np.ndarray:
    """Whether the attack with a budget succeeds, bool (…), of `wrong` (*budgets, …), whose first `axes` are budgets.

    `budget` are places on these axes, by default the last ones. An image counts as broken by

    - "any": some try up to the budget, as if Algorithm 1 stopped at its first success;
    - "literal": its `break` leaves the inner loop only, so the tries that differ in the last axis alone decide;
    - "fixed": the budget itself.

    Raises `InputError` for an unknown criterion, or a place that is not there.
    """
    refuse_unknown("criterion", str(criterion), CRITERIA)
    tries = np.asarray(wrong)
    if tries.ndim < axes or not tries.size:
        raise InputError(f"predictions have shape {tries.shape}, expected {axes} axes of budgets and no empty one")
    last = [length - 1 for length in tries.shape[:axes]]
    *outer, inner = (check_int("budget", at, 0, end) for at, end in zip(budget or last, last, strict=True))
    if criterion == "any":  # ASSUME(§3.2.2): Algorithm 1 is meant to stop at its first success
        box = tries[tuple(slice(at + 1) for at in (*outer, inner))]
        return np.asarray(box.any(axis=tuple(range(axes))))
    return np.asarray(tries[(*outer, slice(inner + 1))].any(0) if criterion == "literal" else tries[(*outer, inner)])
