"""What a claim can turn out to be, and how two numbers are compared."""

from __future__ import annotations

from typing import NamedTuple

from ineq.paper.names import VERDICTS
from ineq.statistics.conclusions import CONCLUSIONS, Interval, direction

SUPPORTED, CONTRADICTED, UNDECIDED, UNTESTABLE = VERDICTS


class Verdict(NamedTuple):
    """A verdict and the numbers it rests on."""

    verdict: str
    evidence: str


NOTHING = Verdict(UNTESTABLE, "the study has no such models, images or attacks")


def sign(first: Interval, last: Interval) -> int:
    """Whether the last is above (1) or below (−1) the first; 0 where their intervals overlap."""
    return {CONCLUSIONS[0]: 1, CONCLUSIONS[1]: -1, CONCLUSIONS[2]: 0}[direction(first, last)]


def by_sign(side: int, evidence: str) -> Verdict:
    """Supported for 1, contradicted for −1, undecided for 0."""
    return Verdict({1: SUPPORTED, -1: CONTRADICTED, 0: UNDECIDED}[side], evidence)


def by_signs(sides: list[int], evidence: str) -> Verdict:
    """The same where all agree. One way in part and the rest too close to call is not wholly for the claim."""
    return by_sign(sides[0] if len(set(sides)) == 1 else 0, evidence)


def shown(value: Interval) -> str:
    """A mean with its interval, for people."""
    return f"{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]"
