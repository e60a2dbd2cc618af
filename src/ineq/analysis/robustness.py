"""Robust accuracy: the paper's Table 5, on the images that robustness is measured on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from ineq.analysis.rows import Row
from ineq.attacks.budgets import ATTACKS, KEYS, consistent
from ineq.statistics.intervals import share_interval

COLUMNS = ["model", *KEYS, "attack", "accuracy", "low", "high", "images", "consistent"]


def robustness(results: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row a model, budget and attack; no row where no model is attacked."""
    return pd.DataFrame([row for model, table in results.items() for row in _rows(model, table)], columns=COLUMNS)


def _rows(model: str, table: pd.DataFrame) -> Iterator[Row]:
    for key, images in table.groupby(list(KEYS), sort=False):
        right = {attack: int(images[attack].sum()) for attack in ATTACKS}
        for attack, count in right.items():
            accuracy, low, high = share_interval(count, len(images))
            yield {
                "model": model,
                **dict(zip(KEYS, key, strict=True)),
                "attack": attack,
                "accuracy": accuracy,
                "low": low,
                "high": high,
                "images": len(images),
                "consistent": consistent(right),
            }
