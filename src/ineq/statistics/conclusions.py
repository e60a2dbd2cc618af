"""What may be concluded from an interval; without torch, for those who only tell it."""

from __future__ import annotations

from typing import NamedTuple

COMPARED = {
    "higher": "higher than",
    "lower": "lower than",
    "not clearly different": "not clearly different from",
}
"""What a difference may be concluded to be, and the words before what it is from."""
CONCLUSIONS = tuple(COMPARED)


class Interval(NamedTuple):
    """A mean with the ends of its interval, in the unit of the values."""

    mean: float
    low: float
    high: float


def conclusion(low: float, high: float) -> str:
    """What a difference with an interval from `low` to `high` means: one of `CONCLUSIONS`."""
    return CONCLUSIONS[0] if low > 0 else CONCLUSIONS[1] if high < 0 else CONCLUSIONS[2]


def direction(first: Interval, last: Interval) -> str:
    """How the last stands to the first: "higher" or "lower" only where their intervals don't overlap."""
    return conclusion(last.low - first.high, last.high - first.low)
