"""The verdict on a model under audit, for the report and the terminal; its sentences are in `templates/verdict.j2`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from ineq.analysis.verdict import UNTRAINED
from ineq.inequality.names import GINIS
from ineq.report.render import words
from ineq.statistics.conclusions import COMPARED, CONCLUSIONS, Interval

Beside = list[tuple[str, list[tuple[str, float]]]]
"""By how the model stands to them: other models, each with its own value."""


def verdict_lines(table: pd.DataFrame, models: pd.DataFrame) -> Iterator[tuple[str, list[str]]]:
    """Each audited model's name with its verdict, the shortest sentence first.

    `table` and `models` are `verdict.csv` and `models.csv` of stage `tables`. The first of the other models is the
    reference of the model's architecture, where the study has one.
    """
    for model, rows in table.groupby("model", sort=False):
        about = models[models["model"] == model].iloc[0].to_dict()
        # By one method: the study's first that the model has maps by.
        rows = rows[rows["method"] == rows["method"].iloc[0]]
        numbers = {"measures": list(_inequality(rows)), "attacks": list(_fragility(rows))}
        yield str(model), words("verdict.j2", "verdict", short=_short(rows), model=about, **numbers)


def space_line(mean: Sequence[object], std: Sequence[object]) -> str:
    """In which normalised space, of such a mean and std, a number a channel, baselines and noise are drawn."""
    return words("verdict.j2", "space", mean=", ".join(map(str, mean)), std=", ".join(map(str, std)))[0]


def _short(rows: pd.DataFrame) -> dict[str, Any]:
    """How it stands to the first of the others; nothing without others."""
    others = _others(rows)
    if others.empty:
        return {}
    first = others["against"].iloc[0]
    beside = others[others["against"] == first]
    gini = beside.loc[beside["measure"] == "gini_global", "conclusion"].iloc[0]
    of = beside[beside["measure"] == "gain"]
    counts = [(name, (of["conclusion"] == name).sum()) for name in CONCLUSIONS]
    return {"against": first, "gini": gini, "counts": counts, "attacks": len(of)}


def _inequality(rows: pd.DataFrame) -> Iterator[tuple[str, Interval, Beside, list[float]]]:
    for measure in GINIS:
        measure_rows = rows[rows["measure"] == measure]
        # What no training at all gives is where this scale begins, not 0.
        untrained = list(measure_rows.loc[measure_rows["against"] == UNTRAINED, "reference"])
        yield measure, _interval(measure_rows), _beside(measure_rows), untrained


def _fragility(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    attacked = rows[rows["attack"].notna()]
    columns = [str(column) for column in rows]
    about = columns[columns.index("attack") : columns.index("value")]
    for _, attack_rows in attacked.groupby(about, sort=False, dropna=False):
        rate, gain = (attack_rows[attack_rows["measure"] == measure] for measure in ("error_rate", "gain"))
        first = rate.iloc[0]
        yield {
            "name": first["attack"],
            "setting": first["setting"],
            "budget": {name: int(first[name]) for name in about[2:] if pd.notna(first[name])},
            "rate": first["value"],
            "fooled": _beside(rate),
            "gain": _interval(gain),
            "gained": _beside(gain),
        }


def _interval(rows: pd.DataFrame) -> Interval:
    row = rows.iloc[0]
    return Interval(row["value"], row["low"], row["high"])


def _others(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows beside another trained model."""
    return rows[rows["against"].fillna("").ne("") & rows["against"].ne(UNTRAINED)]


def _beside(rows: pd.DataFrame) -> Beside:
    """Each by the interval of the paired difference."""
    others = _others(rows)
    groups = [(words, others[others["conclusion"] == conclusion]) for conclusion, words in COMPARED.items()]
    return [(words, list(zip(of["against"], of["reference"], strict=True))) for words, of in groups if len(of)]
