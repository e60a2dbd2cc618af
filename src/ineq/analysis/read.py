"""Reads and checks everything the tables are made of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ineq.analysis.results import Results
from ineq.analysis.study_results import Card
from ineq.attacks.budgets import ATTACKS, KEYS
from ineq.attacks.outcome import Outcome
from ineq.attacks.outcome_file import read_outcome
from ineq.data.samplefile import read_sample
from ineq.inequality.table import MEASURES
from ineq.io.tables import read_table

PLAIN = {"robustness": (*KEYS, *ATTACKS)}
"""Columns that an input needs which is one table a job, by the name of the input, which is that of its stage."""
READ = ("sample", "predictions", "inequality", "attacks", "random_attacks", "controls")
"""Inputs that are read in a way of their own."""


def read_results(inputs: Mapping[str, Any], cards: Mapping[str, Card]) -> Results:
    """Read the inputs of stage `tables`: one path for the sample, else a dict of paths."""
    paths: Mapping[str, Mapping[str, Path]] = inputs
    return Results(
        cards,
        {},
        read_sample(inputs["sample"]),
        {
            key: read_table(path, "predict", ("label", "prediction", "margin"))
            for key, path in paths["predictions"].items()
        },
        {key: read_table(path, "inequality", MEASURES) for key, path in paths["inequality"].items()},
        read_attacks(paths["attacks"], paths["random_attacks"]),
        _controls(paths["controls"]),
        {name: _tables(name, jobs) for name, jobs in paths.items() if name not in READ},
    )


def read_attacks(guided: Mapping[str, Path], random: Mapping[str, Path] | None = None) -> dict[str, dict[str, Outcome]]:
    """Outcomes by `model/method` and attack; paths are by `model/method/attack`.

    Each has its random control where these are given, by `model/attack`.
    """
    controls = {key: read_outcome(path, "random_attack") for key, path in (random or {}).items()}
    outcomes: dict[str, dict[str, Outcome]] = {}
    for key, path in guided.items():
        model, method, attack = key.split("/")
        outcome, control = read_outcome(path, "attack"), controls.get(f"{model}/{attack}")
        outcomes.setdefault(f"{model}/{method}", {})[attack] = outcome.with_control(control) if control else outcome
    return outcomes


def _tables(name: str, paths: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    return {key: read_table(path, name, PLAIN.get(name, ())) for key, path in paths.items()}


def _controls(paths: Mapping[str, Path]) -> pd.DataFrame:
    """Those of all methods that have any."""
    tables = [read_table(path, "controls", MEASURES) for path in paths.values()]
    return pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)
