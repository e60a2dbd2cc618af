"""Intervals and tests by hand, and against scipy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from ineq.errors import InputError
from ineq.statistics import intervals
from ineq.statistics.intervals import DIFFERENCE, SHARE, mean_interval, share_interval
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


@pytest.mark.parametrize("count", [1, 3, 20, 1000])
@pytest.mark.parametrize("right", [False, True])
def test_a_share_of_all_or_none_has_wilsons_interval(count: int, right: bool) -> None:
    found = mean_interval(np.full(count, float(right)), limits=SHARE)
    assert found == pytest.approx(share_interval(count * right, count)) and found.low < found.high


def newcombe(n: int, first: int, last: int) -> tuple[float, float]:
    """Newcombe's (1998) method 10 for paired shares, where one of the margins is 0 or n, so that phi is 0."""
    one, other = share_interval(first, n), share_interval(last, n)
    difference = one.mean - other.mean
    low = np.hypot(one.mean - one.low, other.high - other.mean)
    return difference - low, difference + np.hypot(one.high - one.mean, other.mean - other.low)


@pytest.mark.parametrize(("first", "last"), [(0, 0), (1, 1), (1, 0), (0, 1)])
def test_a_paired_difference_that_is_the_same_on_all_images_has_a_width(first: int, last: int) -> None:
    n = 200
    found = mean_interval(np.full(n, float(first - last)), limits=DIFFERENCE)
    low, high = newcombe(n, n * first, n * last)
    if first == last:
        assert (found.low, found.high) == pytest.approx((low, high))
    # Each pair of 200 says the same: one that doesn't could say the opposite, so the interval is the wider one.
    assert found.low <= low + 1e-12 and found.high >= min(1.0, high) - 1e-12 and -1 <= found.low < found.high <= 1


def test_the_end_of_none_of_many_is_near_the_rule_of_three() -> None:
    """An upper end that is missed as rarely as it says: with so many images, a share of 3.7 / N is hit by one of 40."""
    high = mean_interval(np.zeros(200), limits=SHARE).high
    assert 3 / 200 < high < 4 / 200 and (1 - high) ** 200 < 0.025


@pytest.mark.parametrize(
    ("values", "limits", "ends"),
    [
        ([0.5] * 20, SHARE, (0.5 - 0.0806, 0.5 + 0.0806)),
        ([1.0] * 20, SHARE, (1 - 0.1611, 1)),
        ([1 / 3, (0.1 + 0.2) / 0.9], SHARE, (0.1141, 0.7718)),
        ([-1.0] * 20, DIFFERENCE, (-1, -1 + 2 * 0.1611)),
        ([0.0] * 20, (-2.0, 2.0), (-2 * 0.1611, 2 * 0.1611)),
    ],
)
def test_where_all_images_agree_others_may_differ_by_as_much_as_can_be(values, limits, ends) -> None:
    assert mean_interval(values, limits=limits)[1:] == pytest.approx(ends, abs=1e-4)


def test_limits_change_nothing_where_images_differ() -> None:
    values = np.random.default_rng(3).integers(0, 2, 100).astype(float)
    assert mean_interval(values, limits=SHARE) == mean_interval(values)


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
