"""Everything the figures are made of, read and checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ineq.analysis.read import read_attacks
from ineq.analysis.study_results import Card, StudyResults
from ineq.attacks.outcome import Outcome
from ineq.attribution.mapsfile import read_maps
from ineq.data.sample import Sample
from ineq.data.samplefile import read_sample
from ineq.figures.style import colors, ordered
from ineq.io.rows import Large
from ineq.io.tables import read_table

TABLES = ("models", "gini", "controls", "attacks", "verdict")


@dataclass(frozen=True)
class FigureData(StudyResults):
    """Beside cards and tables what is drawn: maps, per-image measures and outcomes by `model/method`.

    Outcomes are then by the attack's name.
    """

    sample: Sample
    maps: Mapping[str, Large]
    inequality: dict[str, pd.DataFrame]
    outcomes: dict[str, dict[str, Outcome]]

    @cached_property
    def models(self) -> list[str]:
        """The models with maps by that method: normal training first, then by ε, then others."""
        return [name for name in ordered(self.tables["models"])["model"] if f"{name}/{self.method}" in self.maps]

    @cached_property
    def colors(self) -> dict[str, str]:
        """Colour by model, the same in every figure."""
        return colors(self.tables["models"])

    def of(self, table: str, model: str, **values: Any) -> pd.DataFrame:
        """Rows of a table on one model by the shared method."""
        return self.rows(table, model=model, method=self.method, **values)

    def by(self, model: str) -> str:
        """The key of a model's maps by the shared method."""
        return f"{model}/{self.method}"

    def controls(self, measure: str) -> list[tuple[str, str, float]]:
        """Controls of a measure by the shared method: which, its name for people, its mean."""
        controls = []
        for row in self.rows("controls", measure=measure, method=self.method).to_dict("records"):
            names = {"untrained": f"untrained {row['architecture']}", "input": "the input alone"}
            controls.append((row["control"], names.get(row["control"], str(row["control"])), float(row["mean"])))
        return controls


def read_figure_data(inputs: Mapping[str, Any], cards: Mapping[str, Card]) -> FigureData:
    """Read the inputs of stage `figures` or `gallery`: a path, or for a fan-in a dict of paths."""
    paths: Mapping[str, Mapping[str, Path]] = inputs
    return FigureData(
        cards,
        {
            name: read_table(inputs[name], "tables", ("epsilon",) if name == "models" else ("method",))
            for name in TABLES
        },
        read_sample(inputs["sample"]),
        {key: read_maps(path)[0] for key, path in paths["maps"].items()},
        {key: read_table(path, "inequality", ("gini_global",)) for key, path in paths["inequality"].items()},
        read_attacks(paths["attacked"], paths.get("random_attacks")),
    )
