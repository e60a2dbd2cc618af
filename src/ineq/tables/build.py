"""Long tables: one number a row, with what it is a number of.

A model is judged on those sampled images that it classifies correctly: on all of them if it is one of `sample.models`,
and the column `images` says on how many otherwise. The error rate is the share of judged images whose prediction
changes (paper §4.1), averaged over repeats or draws, whose standard deviation stands beside it. Intervals are 95 %
bootstrap intervals of a mean over images.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from ineq.attacks.names import WHERE
from ineq.attacks.readings import READINGS, success
from ineq.attacks.recordfile import AttackRecord
from ineq.inequality.table import MEASURES
from ineq.tables.attacks import attacks
from ineq.tables.contrasts import contrasts, pairs
from ineq.tables.families import families
from ineq.tables.read import Results
from ineq.tables.robustness import robustness
from ineq.tables.rows import CONTROLS, Bootstrap, Row, Settings, names, occlusion_draws
from ineq.tables.series import in_series
from ineq.tables.verdict import verdict


def build_tables(results: Results, settings: Settings, audited: Sequence[str] = ()) -> dict[str, pd.DataFrame]:
    """Tables by name: those of the measures, the attacks and their comparisons, `verdict` and `attacks` of plug-ins.

    Models that are `audited` get a verdict.
    """
    builders: dict[str, Callable[[], Iterable[Row]]] = {
        "models": lambda: _models(results),
        "gini": lambda: _gini(results, settings.bootstrap),
        "controls": lambda: _controls(results, settings.bootstrap),
        "noise": lambda: _attack_rows(results.noise, _noise),
        "occlusion": lambda: _attack_rows(results.occlusion, _occlusion),
    }
    tables = {name: pd.DataFrame(list(build())) for name, build in builders.items()}
    tables |= {"contrasts": contrasts(results, settings), "pairs": pairs(results, settings)}
    tables["verdict"] = verdict(results, settings, audited)
    tables |= {"families": families(tables, settings), "robustness": robustness(results.more.get("robustness", {}))}
    return {**tables, "attacks": attacks(results.more.get("attacks", {}), settings.bootstrap)}


def _models(results: Results) -> Iterator[Row]:
    at = results.sample.indices
    for model, card in results.cards.items():
        table = results.predictions[model]
        training = card["train"]
        right = (table["prediction"] == table["label"]).to_numpy()
        yield {
            "model": model,
            "title": card["title"],
            "family": card["family"],
            "norm": training["norm"],
            "epsilon": training["epsilon"],
            "series": in_series(card, next(iter(results.cards.values()))["architecture"]),
            "accuracy": right.mean(),
            "claimed": card.get("origin", {}).get("accuracy", np.nan),
            "images": len(right),
            "sampled": len(at),
            "judged": int(right[at].sum()),
            "margin": table["margin"].to_numpy()[at][right[at]].mean() if right[at].any() else np.nan,
        }


def _gini(results: Results, bootstrap: Bootstrap) -> Iterator[Row]:
    for key, table in results.inequality.items():
        yield from _measures(names(key), table, bootstrap)


def _controls(results: Results, bootstrap: Bootstrap) -> Iterator[Row]:
    for key, table in results.controls.groupby(CONTROLS, sort=False, dropna=False):
        yield from _measures(dict(zip(CONTROLS, key, strict=True)), table, bootstrap)


def _measures(of: Row, table: pd.DataFrame, bootstrap: Bootstrap) -> Iterator[Row]:
    for measure in MEASURES:
        values = table[measure].dropna()
        mean, low, high = bootstrap(values)
        yield {
            **of,
            "measure": measure,
            "mean": mean,
            "sd": values.std(),
            "low": low,
            "high": high,
            "images": len(values),
        }


def _attack_rows(
    records: dict[str, AttackRecord], rows: Callable[[AttackRecord, np.ndarray], Iterator[Row]]
) -> Iterator[Row]:
    for key, record in records.items():
        for row in rows(record, record.judged):
            yield {**names(key), **row, "images": int(record.judged.sum())}


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
            grid = occlusion_draws(record, f"{where}/{color}", judged)
            area = occlusion_draws(record, f"area/{where}", judged).mean(axis=(0, 1), dtype=np.float64)
            unchanged = occlusion_draws(record, f"unchanged/{where}/{color}", judged).mean(axis=(0, 1))
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
                            "area": area[count - 1, radius - 1],
                            "unchanged": unchanged[count - 1, radius - 1],
                        }
