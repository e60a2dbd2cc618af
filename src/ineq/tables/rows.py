"""What all tables share: what a row is about, the settings, and per-image outcomes as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ineq.attacks.recordfile import AttackRecord
from ineq.statistics.conclusions import Interval
from ineq.statistics.intervals import mean_interval

CONTROLS = ["control", "architecture", "method"]
Row = dict[str, Any]


@dataclass(frozen=True)
class Bootstrap:
    """Intervals of one seed and number of resamples."""

    seed: int = 0
    resamples: int = 2000

    def __call__(self, values: ArrayLike) -> Interval:
        """Mean of values (N,) over images, with its 95 % interval."""
        return mean_interval(values, seed=self.seed, resamples=self.resamples)


@dataclass(frozen=True)
class Settings:
    """The section `tables` of the parameters."""

    subpixels: int
    cells: Sequence[dict[str, int]] = ()
    seed: int = 0
    resamples: int = 2000

    @property
    def bootstrap(self) -> Bootstrap:
        """How intervals are made."""
        return Bootstrap(self.seed, self.resamples)

    def budgets(self, count: int, radius: int) -> list[tuple[int, int]]:
        """Budgets shown of a grid: the full one, and the cells inside it."""
        cells = [(cell["count"], cell["radius"]) for cell in self.cells]
        return list(dict.fromkeys([(count, radius), *(cell for cell in cells if inside(cell, count, radius))]))

    def outside(self, count: int, radius: int) -> list[tuple[int, int]]:
        """Cells that a grid does not have."""
        cells = [(cell["count"], cell["radius"]) for cell in self.cells]
        return [cell for cell in cells if not inside(cell, count, radius)]


def inside(cell: tuple[int, int], count: int, radius: int) -> bool:
    """Whether a budget is one of the grid up to (count, radius)."""
    return cell[0] <= count and cell[1] <= radius


def names(key: str) -> Row:
    """`model/method` as two columns."""
    model, method = key.split("/")
    return {"model": model, "method": method}


def occlusion_draws(record: AttackRecord, name: str, images: np.ndarray) -> np.ndarray:
    """An occlusion array of the chosen images, (draws, n, count, radius): one draw where nothing is drawn."""
    values = record.predictions[name]
    return (values if values.ndim == 4 else values[None])[:, images]
