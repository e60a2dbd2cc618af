"""Intervals and tests by hand, and against scipy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from ineq.errors import InputError
from ineq.statistics import intervals
from ineq.statistics.intervals import mean_interval
from ineq.statistics.significance import holm, mcnemar

VALUES = np.random.default_rng(0).normal(1, 2, 200)


def test_the_interval_is_scipys_up_to_chance() -> None:
    mean, low, high = mean_interval(VALUES, resamples=20_000)
    # Newer versions call it `rng`, and take both.
    options: dict[str, Any] = {"n_resamples": 20_000, "method": "percentile", "random_state": 1}
    other = stats.bootstrap((VALUES,), np.mean, **options).confidence_interval
    assert mean == pytest.approx(VALUES.mean())
    assert (low, high) == pytest.approx((other.low, other.high), abs=0.02)


def test_the_interval_covers_as_often_as_it_says() -> None:
    samples = np.random.default_rng(1).normal(0, 1, (300, 100))
    covered = [low <= 0 <= high for _, low, high in (mean_interval(one, resamples=300) for one in samples)]
    assert np.mean(covered) == pytest.approx(0.94, abs=0.04)


def test_the_seed_decides_and_blocks_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = mean_interval(VALUES, seed=3)
    assert mean_interval(VALUES, seed=4) != expected
    monkeypatch.setattr(intervals, "_BLOCK", 1000)
    assert mean_interval(VALUES, seed=3) == expected


def test_intervals_of_one_sample_belong_together() -> None:
    """The same images are drawn whatever the values: shifted and scaled values give the shifted and scaled interval."""
    plain, moved = mean_interval(VALUES), mean_interval(2 * VALUES + 1)
    assert moved == pytest.approx([2 * number + 1 for number in plain])


def test_rounding_does_not_decide_on_which_side_of_zero_an_end_lies() -> None:
    """Rates over three repeats are thirds: their sums are not exactly 0 where those of whole numbers are."""
    differences = np.random.default_rng(2).integers(-1, 2, (300, 30))
    thirds = [np.sign(mean_interval(one / 3, resamples=200)) for one in differences]
    assert np.array_equal(thirds, [np.sign(mean_interval(one, resamples=200)) for one in differences])


def test_equal_values_have_no_width_and_none_no_interval() -> None:
    assert mean_interval([3.0, 3.0]) == (3, 3, 3)
    assert np.isnan(mean_interval([])).all()


@pytest.mark.parametrize(
    ("one", "other", "expected"), [(0, 0, 1), (1, 0, 1), (5, 0, 2 / 32), (1, 3, 10 / 16), (4, 4, 1)]
)
def test_mcnemar_by_hand(one: int, other: int, expected: float) -> None:
    assert mcnemar(one, other) == mcnemar(other, one) == pytest.approx(expected)


def test_holm_by_hand() -> None:
    # Times 4, 3, 2, 1 in ascending order: 0.04, 0.06, 0.08 → never below the one before, never above 1.
    assert holm([0.04, 0.01, 0.9, 0.02]) == pytest.approx([0.08, 0.04, 0.9, 0.06])
    assert holm([0.5, 0.4]) == pytest.approx([0.8, 0.8])
    assert holm([0.6, 0.7]) == pytest.approx([1, 1])
    assert len(holm([])) == 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mean_interval([np.nan]), "finite"),
        (lambda: mean_interval(np.ones((2, 2))), r"expected \(N,\)"),
        (lambda: mean_interval([1.0], resamples=0), "resamples is 0"),
        (lambda: mcnemar(-1, 0), "only_one is -1"),
        (lambda: holm([1.5]), r"in \[0, 1\]"),
        (lambda: holm([np.nan]), r"in \[0, 1\]"),
    ],
)
def test_bad_input_is_refused(call, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()
