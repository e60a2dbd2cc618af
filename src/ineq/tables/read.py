"""Everything the tables are made of, read and checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ineq.attacks.budgets import ATTACKS, KEYS
from ineq.attacks.recordfile import AttackRecord, read_record, with_twin
from ineq.data.samplefile import Sample, read_sample
from ineq.inequality.table import MEASURES
from ineq.io.tables import read_table
from ineq.plugins.outcomes import COLUMNS as OUTCOMES
from ineq.tables.rows import CONTROLS, names

PLAIN = {"robustness": ("robustness", (*KEYS, *ATTACKS)), "attacks": ("attack_plugin", OUTCOMES)}
"""Inputs that are one table a job: the stage that writes it, and columns that it needs."""
READ = ("sample", "predictions", "inequality", "noise", "occlusion", "random_occlusion", "controls", "plugin_controls")
"""Inputs that are read in a way of their own."""


@dataclass(frozen=True)
class Results:
    """Per-image results of a study: by model, or by `model/method`."""

    cards: Mapping[str, Mapping[str, Any]]
    sample: Sample
    predictions: dict[str, pd.DataFrame]
    inequality: dict[str, pd.DataFrame]
    noise: dict[str, AttackRecord]
    occlusion: dict[str, AttackRecord]
    controls: pd.DataFrame
    more: Mapping[str, dict[str, pd.DataFrame]] = field(default_factory=dict)
    """By the name of the input, what is no more than a table for each job: robustness, plug-ins' attacks, and so on."""


def read_results(inputs: Mapping[str, Any], cards: Mapping[str, Mapping[str, Any]]) -> Results:
    """Read the inputs of stage `tables`: one path for the sample and the controls, else a dict of paths."""
    paths: Mapping[str, Mapping[str, Path]] = inputs
    twins = {model: read_record(path, "random_occlusion") for model, path in paths["random_occlusion"].items()}
    return Results(
        cards,
        read_sample(inputs["sample"]),
        {
            key: read_table(path, "predict", ("label", "prediction", "margin"))
            for key, path in paths["predictions"].items()
        },
        {key: read_table(path, "inequality", MEASURES) for key, path in paths["inequality"].items()},
        {key: read_record(path, "noise") for key, path in paths["noise"].items()},
        {
            key: with_twin(read_record(path, "occlusion"), twins[names(key)["model"]])
            for key, path in paths["occlusion"].items()
        },
        _controls(inputs["controls"], paths["plugin_controls"]),
        {name: _tables(name, found) for name, found in paths.items() if name not in READ},
    )


def _tables(name: str, paths: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """One table a job; an input that is not in `PLAIN` has the name of its stage, and needs no column here."""
    stage, columns = PLAIN.get(name, (name, ()))
    return {key: read_table(path, stage, columns) for key, path in paths.items()}


def _controls(path: Path, plugins: Mapping[str, Path]) -> pd.DataFrame:
    """Those of the built-in methods, then of each plug-in: once, where several models have the same network."""
    own = [read_table(path, "controls", MEASURES)]
    own += [read_table(found, "controls_plugin", MEASURES) for found in plugins.values()]
    return pd.concat(own, ignore_index=True).drop_duplicates([*CONTROLS, "image"], ignore_index=True)
