"""Where data sets come from: one function per name that `data.name` may hold."""

from __future__ import annotations

from collections.abc import Callable

from ineq.data.dataset import Dataset
from ineq.data.digits import digits

SOURCES: dict[str, Callable[..., Dataset]] = {"digits": digits}
"""Each takes (held_out, seed): how many images go to the test split, and the seed of the split."""
