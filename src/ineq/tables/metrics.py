"""Headline numbers, for `dvc metrics` and the summary: the guided attacks beside their random twins."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ineq.inequality.table import MEASURES
from ineq.tables.headline import full_budget


def headline(tables: dict[str, pd.DataFrame], subpixels: int) -> dict[str, Any]:
    """Numbers by model and method: accuracy, Gini, error rates under noise and under the largest occlusion budget.

    By model alone: accuracy, and what PGD and AutoAttack leave of it.
    """
    numbers: dict[str, Any] = {
        row["model"]: {"accuracy": row["accuracy"], "judged": row["judged"]}
        for row in tables["models"].to_dict("records")
    }
    for model, method in maps_of(tables["gini"]):
        means = _of(tables["gini"], model, method).set_index("measure")["mean"]
        numbers[model][method] = {measure: means[measure] for measure in MEASURES}
        numbers[model][method]["noise"] = _noise(_of(tables["noise"], model, method), subpixels)
        numbers[model][method]["occlusion"] = _occlusion(_of(tables["occlusion"], model, method))
    for (model, budget), rows in tables["robustness"].groupby(["model", "budget"], sort=False):
        found = {"epsilon": rows["epsilon"].iloc[0], **rows.set_index("attack")["accuracy"]}
        numbers[str(model)].setdefault("robustness", {})[budget] = found
    return numbers


def maps_of(table: pd.DataFrame) -> list[tuple[str, str]]:
    """The (model, method) pairs of a table, in its order."""
    return list(dict.fromkeys(zip(table["model"], table["method"], strict=True)))


def _of(table: pd.DataFrame, model: str, method: str) -> pd.DataFrame:
    return table[(table["model"] == model) & (table["method"] == method)]


def _noise(table: pd.DataFrame, subpixels: int) -> dict[str, Any]:
    chosen = table[table["subpixels"] == subpixels]
    return {str(kind): _against_random(part) for kind, part in chosen.groupby("kind", sort=False)}


def _occlusion(table: pd.DataFrame) -> dict[str, Any]:
    return {str(color): _against_random(part) for color, part in full_budget(table).groupby("color", sort=False)}


def _against_random(table: pd.DataFrame) -> dict[str, float]:
    rates = table.set_index("where")["error_rate"]
    return {
        "important": rates["important"],
        "random": rates["random"],
        "least": rates["least"],
        "important_minus_random": rates["important"] - rates["random"],
    }
