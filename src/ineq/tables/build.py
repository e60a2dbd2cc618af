"""Long tables: one number a row, with what it is a number of.

A model is judged on those sampled images that it classifies correctly: on all of them if it is one of `sample.models`,
and the column `images` says on how many otherwise. The error rate is the share of judged images whose prediction
changes (paper §4.1), averaged over repeats or draws, whose standard deviation stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from ineq.attacks.readings import READINGS, success
from ineq.attacks.recordfile import AttackRecord
from ineq.tables.read import Results

MEASURES = ("gini_global", "gini_regional", "sparsity")
WHERE = ("important", "random", "least")
Row = dict[str, Any]


def build_tables(results: Results) -> dict[str, pd.DataFrame]:
    """Tables by name: models, gini, noise, occlusion."""
    builders: dict[str, Callable[[Results], Iterable[Row]]] = {
        "models": _models,
        "gini": _gini,
        "noise": lambda found: _attack_rows(found.noise, _noise),
        "occlusion": lambda found: _attack_rows(found.occlusion, _occlusion),
    }
    return {name: pd.DataFrame(list(build(results))) for name, build in builders.items()}


def _models(results: Results) -> Iterator[Row]:
    at = results.sample.indices
    for model, card in results.cards.items():
        table = results.predictions[model]
        right = (table["prediction"] == table["label"]).to_numpy()
        yield {
            "model": model,
            "title": card["title"],
            "family": card["family"],
            "norm": card["train"]["norm"],
            "epsilon": card["train"]["epsilon"],
            "accuracy": right.mean(),
            "images": len(right),
            "sampled": len(at),
            "judged": int(right[at].sum()),
        }


def _gini(results: Results) -> Iterator[Row]:
    for key, table in results.inequality.items():
        for measure in MEASURES:
            values = table[measure].dropna()
            yield {
                **_names(key),
                "measure": measure,
                "mean": values.mean(),
                "sd": values.std(),
                "images": len(values),
            }


def _names(key: str) -> Row:
    model, method = key.split("/")
    return {"model": model, "method": method}


def _attack_rows(
    records: dict[str, AttackRecord], rows: Callable[[AttackRecord, np.ndarray], Iterator[Row]]
) -> Iterator[Row]:
    for key, record in records.items():
        judged = record.predictions["clean"] == record.labels
        for row in rows(record, judged):
            yield {**_names(key), **row, "images": int(judged.sum())}


def _rate(wrong: np.ndarray) -> Row:
    """Error rate of (draws, judged images), and its standard deviation over draws where there are several."""
    rates = wrong.mean(axis=-1)
    return {"error_rate": rates.mean(), "sd": rates.std(ddof=1) if len(rates) > 1 else np.nan, "draws": len(rates)}


def _noise(record: AttackRecord, judged: np.ndarray) -> Iterator[Row]:
    for where in WHERE:
        wrong = record.predictions[where][..., judged] != record.labels[judged]
        for i, kind in enumerate(record.axes["kinds"]):
            for j, subpixels in enumerate(record.axes["subpixels"]):
                yield {"kind": kind, "where": where, "subpixels": subpixels, **_rate(wrong[i, j])}


def _occlusion(record: AttackRecord, judged: np.ndarray) -> Iterator[Row]:
    labels = record.labels[judged]
    for color in record.axes["colors"]:
        for where in WHERE:
            grid = record.predictions[f"{where}/{color}"][..., judged, :, :]
            # One draw where nothing is drawn: important and least important regions are what they are.
            grid = grid if where == "random" else grid[None]
            for count in range(1, record.axes["count"] + 1):
                for radius in range(1, record.axes["radius"] + 1):
                    for reading in READINGS:
                        rate = _rate(success(grid, labels, reading, count, radius))
                        yield {
                            "color": color,
                            "where": where,
                            "count": count,
                            "radius": radius,
                            "reading": reading,
                            **rate,
                        }
