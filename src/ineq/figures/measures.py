"""The few numbers that only figures and their captions need."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ineq.attacks.outcome import Outcome
from ineq.figures.read import FigureData
from ineq.io.rows import Large, parts

GROUPS = 6


def lorenz(maps: Large) -> np.ndarray:
    """Share of the total that the i smallest |values| hold, i = 0 to n: the mean over maps that are not all zero."""
    total, count = np.zeros(()), 0
    for part in parts(maps):
        sizes = np.sort(np.abs(part.reshape(len(part), -1)).astype(np.float64), axis=1)
        sums = np.cumsum(sizes[sizes[:, -1] > 0], axis=1)
        total, count = total + (sums / sums[:, -1:]).sum(axis=0), count + len(sums)
    return np.concatenate([[0.0], total / count])


def top_share(curve: np.ndarray, share: float = 0.1) -> float:
    """Share of the total that the top `share` of the values hold, on a Lorenz curve."""
    return float(1 - np.interp(1 - share, np.linspace(0, 1, len(curve)), curve))


def fragility(study: FigureData, model: str) -> tuple[np.ndarray, np.ndarray]:
    """Global Gini of each evaluated image, and the share of guided occlusions, in all colours, that fool the model."""
    outcome = study.outcomes[study.by(model)]["occlusion"]
    inequality = study.inequality[study.by(model)]["gini_global"].to_numpy()[: len(outcome.labels)]
    kept = outcome.evaluated & ~np.isnan(inequality)
    return inequality[kept], fooled(outcome, outcome.settings)[kept]


def fooled(outcome: Outcome, settings: Sequence[str]) -> np.ndarray:
    """Share of the guided budgets in these settings that fool the model, float64 (N,)."""
    every = np.ones(len(outcome.labels), bool)
    wrong = np.stack([outcome.wrong("important", setting, every) for setting in settings])
    return wrong.mean(axis=tuple(range(wrong.ndim - 1)))


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's ρ; NaN where one of both never varies."""
    return float(pd.Series(first).rank().corr(pd.Series(second).rank()))


def bins(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means of x and y in groups of equal size along x, and half the 95 % interval of the latter."""
    groups = [part for part in np.array_split(np.argsort(x, kind="stable"), GROUPS) if len(part) > 1]
    half = [1.96 * y[part].std(ddof=1) / np.sqrt(len(part)) for part in groups]
    return np.array([x[p].mean() for p in groups]), np.array([y[p].mean() for p in groups]), np.array(half)
