"""Headline numbers, for `dvc metrics` and the summary: the guided attacks beside their random controls."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ineq.analysis.rows import places_in
from ineq.analysis.study_results import StudyResults
from ineq.inequality.table import MEASURES


def headline(study: StudyResults) -> dict[str, Any]:
    """Numbers by model and method: accuracy, Gini, error rates under attacks at the headline's budgets.

    By model alone: accuracy, and what PGD and AutoAttack leave of it.
    """
    tables = study.tables
    numbers: dict[str, Any] = {
        row["model"]: {"accuracy": row["accuracy"], "evaluated": row["evaluated"]}
        for row in tables["models"].to_dict("records")
    }
    for model, method in maps_of(tables["gini"]):
        means = study.rows("gini", model=model, method=method).set_index("measure")["mean"]
        numbers[model][method] = {measure: means[measure] for measure in MEASURES}
        for attack, rows in study.headline("attacks", model=model, method=method).groupby("attack", sort=False):
            parts = rows.groupby("setting", sort=False)
            numbers[model][method][str(attack)] = {str(name): _against_random(part) for name, part in parts}
    for (model, budget), rows in tables["robustness"].groupby(["model", "budget"], sort=False):
        accuracy = {"epsilon": rows["epsilon"].iloc[0], **rows.set_index("attack")["accuracy"]}
        numbers[str(model)].setdefault("robustness", {})[budget] = accuracy
    return numbers


def maps_of(table: pd.DataFrame) -> list[tuple[str, str]]:
    """The (model, method) pairs of a table, in its order."""
    return list(dict.fromkeys(zip(table["model"], table["method"], strict=True)))


def _against_random(table: pd.DataFrame) -> dict[str, float]:
    rates = table.set_index("where")["error_rate"]
    return {
        **{where: rates[where] for where in places_in(rates)},
        "important_minus_random": rates["important"] - rates["random"],
    }
