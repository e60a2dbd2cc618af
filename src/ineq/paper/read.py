"""The study's results that the paper's tables and claims are set beside."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ineq.analysis.study_results import Card, StudyResults
from ineq.inequality.names import GINIS
from ineq.io.tables import read_table
from ineq.paper.zeros import zero_shares

TABLES = ("models", "gini", "controls", "attacks", "contrasts", "pairs", "robustness", "transfer")


def read_study(inputs: Mapping[str, Any], cards: Mapping[str, Card]) -> StudyResults:
    """Read the inputs of stage `paper`: tables of stage `tables`, others a row an image, `zeros` of pruned models."""
    tables = {name: read_table(inputs[name], name if name == "transfer" else "tables") for name in TABLES}
    names = dict(enumerate(read_table(inputs["classes"], "sample", ("class",))["class"].astype(str)))
    whole = _by_model(inputs["splits"], "classes", ("label", "prediction", *GINIS))
    tables["classes"] = whole.assign(**{"class": whole["label"].map(names)})
    tables["sensitivity"] = _by_model(inputs["sensitivity"], "sensitivity", ("variant", "image", "label"))
    tables["margins"] = _by_model(inputs["predictions"], "predict", ("image", "margin"))
    study = StudyResults(cards, tables)
    tables["zeros"] = pd.DataFrame([row for model in study.pruned for row in _zeros(model, cards[model], inputs)])
    return study


def _by_model(paths: Mapping[str, Path], stage: str, columns: tuple[str, ...]) -> pd.DataFrame:
    """The tables of several models as one, with a column `model`; empty where there is none."""
    tables = [read_table(path, stage, columns).assign(model=model) for model, path in paths.items()]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["model", *columns])


def _zeros(model: str, card: Card, inputs: Mapping[str, Mapping[str, Path]]) -> list[dict[str, Any]]:
    shares = zero_shares(inputs["checkpoints"][model], card["architecture"]["channels"])
    pruning = card["pruning"]
    setting = f"card: {pruning['amount']:g} of {pruning['kind']}"
    return [{"model": model, "setting": setting, "measure": name, "here": share} for name, share in shares.items()]
