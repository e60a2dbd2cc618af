"""What all tables share: what a row is about, and the settings."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from numpy.typing import ArrayLike

from ineq.attacks.names import WHERE
from ineq.statistics.conclusions import Interval
from ineq.statistics.intervals import Limits, mean_interval

CONTROLS = ["control", "architecture", "method"]
Row = dict[str, Any]
Axes = Mapping[str, Sequence[int]]
"""Values along each axis of an attack's budgets."""


@dataclass(frozen=True)
class Bootstrap:
    """Intervals of one seed and number of resamples."""

    seed: int = 0
    resamples: int = 2000

    def __call__(self, values: ArrayLike, limits: Limits) -> Interval:
        """Mean of values (N,) over images, each within `limits`, with its 95 % interval."""
        return mean_interval(values, seed=self.seed, resamples=self.resamples, limits=limits)


@dataclass(frozen=True)
class Settings:
    """The section `tables` of the parameters."""

    subpixels: int
    budgets: Sequence[Mapping[str, int]] = ()
    seed: int = 0
    resamples: int = 2000

    @property
    def bootstrap(self) -> Bootstrap:
        """How intervals are made."""
        return Bootstrap(self.seed, self.resamples)

    def headline(self, axes: Axes) -> Row:
        """The headline's budget of an attack: `subpixels` along the axis of that name, elsewhere the largest value."""
        named = {"subpixels": self.subpixels}
        return {axis: named[axis] if named.get(axis) in values else values[-1] for axis, values in axes.items()}

    def compared(self, axes: Axes) -> list[Row]:
        """Budgets of an attack at which models are compared: the headline's, and those of `budgets` that it has."""
        first = self.headline(axes)
        inside = [budget for budget in self._with(axes) if all(budget[axis] in axes[axis] for axis in axes)]
        return [first, *(budget for budget in inside if budget != first)]

    def outside(self, axes: Axes) -> list[Row]:
        """Those of `budgets` that an attack with their axes does not have."""
        compared = self.compared(axes)
        return [budget for budget in self._with(axes) if budget not in compared]

    def _with(self, axes: Axes) -> list[Row]:
        """Those of `budgets` that have these axes, in the attack's order of axes."""
        return [{axis: budget[axis] for axis in axes} for budget in self.budgets if set(budget) == set(axes)]


def places_in(attacked: Container[str]) -> list[str]:
    """Those of `WHERE` that are among these, in its order: an audit leaves out the least important places."""
    return [where for where in WHERE if where in attacked]


def names(key: str) -> Row:
    """`model/method` as two columns."""
    model, method = key.split("/")
    return {"model": model, "method": method}


def budgets_of(rows: pd.DataFrame) -> dict[str, list[int]]:
    """The axes of budgets of one attack's rows of a table, each with its values: columns between setting and place."""
    columns = [str(column) for column in rows]
    axes = columns[columns.index("setting") + 1 : columns.index("where")]
    return {axis: sorted(set(rows[axis].dropna().astype(int))) for axis in axes if rows[axis].notna().any()}


def at(rows: pd.DataFrame, budget: Mapping[str, int]) -> pd.DataFrame:
    """The rows with a budget."""
    for axis, value in budget.items():
        rows = rows[rows[axis] == value]
    return rows
