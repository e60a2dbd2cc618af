"""Headline numbers by family: mean and standard deviation over training seeds, the unit of claims about training."""

from __future__ import annotations

import pandas as pd

from ineq.analysis.study_results import StudyResults

KEYS = ["family", "method", "measure", "setting"]


def families(study: StudyResults) -> pd.DataFrame:
    """One row a family, method, measure and setting: `mean` and `sd` over its `models`; no `sd` of one model."""
    models = study.tables["models"]
    long = pd.concat([_of_models(models), _of_maps(study.tables["gini"]), _of_attacks(study.headline("contrasts"))])
    long["family"] = long["model"].map(dict(zip(models["model"], models["family"], strict=True)))
    groups = long.groupby(KEYS, sort=False, dropna=False)["value"]
    return groups.agg(mean="mean", sd="std", models="size").reset_index()


def _of_models(table: pd.DataFrame) -> pd.DataFrame:
    """Accuracy and margin: of the model, so of no method."""
    return table.melt("model", ["accuracy", "margin"], "measure", "value").assign(method=None, setting=None)


def _of_maps(table: pd.DataFrame) -> pd.DataFrame:
    return table[["model", "method", "measure", "mean"]].rename(columns={"mean": "value"}).assign(setting=None)


def _of_attacks(table: pd.DataFrame) -> pd.DataFrame:
    """The headline budgets, `noise_guided`, `noise_random`, `noise_difference`, and `occlusion_…` likewise."""
    long = table.melt(["model", "method", "attack", "setting"], ["guided", "random", "difference"], "what", "value")
    return long.assign(measure=long["attack"] + "_" + long["what"]).drop(columns=["attack", "what"])
