"""When an attack counts as a success, by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ineq.attacks.criteria import CRITERIA, first_success, success
from ineq.errors import InputError

# Label 0. Three images, count 2, radius 3: a hit that the last n undoes, one at the very end, and none.
GRID = np.array([[[0, 5, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 1]], [[0, 0, 0], [0, 0, 0]]])
WRONG = np.moveaxis(GRID != 0, 0, -1)


def test_first_success_by_hand() -> None:
    assert first_success(WRONG.reshape(6, 3)).tolist() == [1, 5, -1]
    n_outer = np.array([[0, 0, 1], [1, 0, 0]]) == 1  # r would come first if the loops were swapped
    assert first_success(n_outer.reshape(6, 1)).tolist() == [2]


@pytest.mark.parametrize(
    ("criterion", "count", "radius", "expected"),
    [
        ("any", None, None, [True, True, False]),
        ("literal", None, None, [False, True, False]),
        ("fixed", None, None, [False, True, False]),
        ("any", 1, 3, [True, False, False]),
        ("literal", 1, 3, [True, False, False]),
        ("fixed", 1, 3, [False, False, False]),
        ("fixed", 1, 2, [True, False, False]),
        ("any", 2, 1, [False, False, False]),
        ("literal", 2, 2, [False, False, False]),
    ],
)
def test_criteria_by_hand(criterion: str, count: int | None, radius: int | None, expected: list[bool]) -> None:
    budget = None if count is None or radius is None else (count - 1, radius - 1)
    assert success(WRONG, criterion, budget, axes=2).tolist() == expected
    stacked = success(np.stack([WRONG, WRONG[..., ::-1]], axis=2), criterion, budget, axes=2)
    assert stacked.tolist() == [expected, expected[::-1]]


def test_with_one_axis_of_budgets_a_try_up_to_the_budget_counts() -> None:
    grid = np.array([[True, False], [False, False], [False, True]])
    assert success(grid, "any", (1,), axes=1).tolist() == success(grid, "literal", (1,), axes=1).tolist()
    assert success(grid, "any", (1,), axes=1).tolist() == [True, False]
    assert success(grid, "fixed", (1,), axes=1).tolist() == [False, False]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: success(WRONG, "first", axes=2), f"expected one of {', '.join(sorted(CRITERIA))}"),
        (lambda: success(WRONG, budget=(2, 0), axes=2), "budget is 2, expected a whole number from 0 to 1"),
        (lambda: success(WRONG[0, 0], axes=2), "predictions have shape"),
    ],
)
def test_bad_input_is_refused(call: Callable, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()
