"""Long tables: one number a row, with what it is a number of.

A model is evaluated on those sampled images that it classifies correctly: on all of them if it is one of
`sample.models`, and the column `images` says on how many otherwise. The error rate is the share of evaluated images
whose prediction changes (paper §4.1), averaged over draws, whose standard deviation stands beside it. Intervals are
95 % bootstrap intervals of a mean over images; where all images agree, see `unanimous_interval`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from ineq.analysis.contrasts import contrasts, pairs
from ineq.analysis.families import families
from ineq.analysis.results import Results
from ineq.analysis.robustness import robustness
from ineq.analysis.rows import CONTROLS, Bootstrap, Row, Settings, names, places_in
from ineq.analysis.verdict import verdict
from ineq.attacks.criteria import success
from ineq.attacks.outcome import Outcome
from ineq.inequality.table import MEASURES
from ineq.statistics.intervals import SHARE

_MEASURED = ("error_rate", "sd", "draws", "covered", "unchanged")


def build_tables(results: Results, settings: Settings, audited: Sequence[str] = ()) -> dict[str, pd.DataFrame]:
    """Tables by name: those of the measures, the attacks and their comparisons, and `verdict`.

    Models that are `audited` get a verdict.
    """
    builders: dict[str, Callable[[], Iterable[Row]]] = {
        "models": lambda: _models(results),
        "gini": lambda: _gini(results, settings.bootstrap),
        "controls": lambda: _controls(results, settings.bootstrap),
    }
    tables = {name: pd.DataFrame(list(build())) for name, build in builders.items()}
    tables |= {"attacks": _attacks(results, settings)}
    tables |= {"contrasts": contrasts(results, settings), "pairs": pairs(results, settings)}
    tables["verdict"] = verdict(results, settings, audited)
    tables["families"] = families(replace(results, tables=tables))
    return {**tables, "robustness": robustness(results.more.get("robustness", {}))}


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
            "series": model in results.series,
            "reference": results.reference_of(model) or "",
            "accuracy": right.mean(),
            "claimed": card.get("origin", {}).get("accuracy", np.nan),
            "images": len(right),
            "sampled": len(at),
            "evaluated": int(right[at].sum()),
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
        mean, low, high = bootstrap(values, SHARE)
        yield {
            **of,
            "measure": measure,
            "mean": mean,
            "sd": values.std(),
            "low": low,
            "high": high,
            "images": len(values),
        }


def _attacks(results: Results, settings: Settings) -> pd.DataFrame:
    columns = ("model", "method", "attack", "where", "criterion", *_MEASURED, "images", "headline")
    rows = (
        {**names(key), **row}
        for key, outcomes in results.attacks.items()
        for outcome in outcomes.values()
        for row in _attack_rows(outcome, settings.headline(outcome.budgets))
    )
    return results.attack_table(rows, columns)


def _attack_rows(outcome: Outcome, headline: Row) -> Iterator[Row]:
    images = outcome.evaluated
    for (s, setting), where in product(enumerate(outcome.settings), places_in(outcome.prediction)):
        wrong = outcome.wrong(where, setting, images)
        covered = outcome.covered[where][..., images].mean(axis=(-2, -1), dtype=np.float64)
        unchanged = outcome.unchanged[where][s][..., images].mean(axis=(-2, -1))
        for budget, criterion in product(outcome.every_budget, outcome.criteria):
            place = outcome.place(budget)
            # Error rate by draw, and its standard deviation over draws where there are several.
            rates = success(wrong, criterion, place, axes=len(budget)).mean(axis=-1)
            yield {
                **{"attack": outcome.attack, "setting": setting, **budget, "where": where, "criterion": criterion},
                "error_rate": rates.mean(),
                "sd": rates.std(ddof=1) if len(rates) > 1 else np.nan,
                "draws": len(rates),
                "covered": covered[place],
                "unchanged": unchanged[place],
                "images": int(images.sum()),
                "headline": budget == headline and criterion == outcome.criteria[0],
            }
