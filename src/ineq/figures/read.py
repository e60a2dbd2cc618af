"""Everything the figures are made of, read and checked once, and the choices that all figures share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ineq.attacks.recordfile import AttackRecord, read_record
from ineq.attribution.mapsfile import read_maps
from ineq.data.samplefile import Sample, read_sample
from ineq.figures.style import colors, ordered
from ineq.io.rows import Large
from ineq.io.tables import read_table
from ineq.tables.headline import full_budget

TABLES = ("models", "gini", "controls", "noise", "occlusion", "verdict")


@dataclass(frozen=True)
class Findings:
    """Tables by name; maps, per-image measures and occlusion records by `model/method`; how regions are ranked."""

    tables: dict[str, pd.DataFrame]
    sample: Sample
    maps: Mapping[str, Large]
    inequality: dict[str, pd.DataFrame]
    occlusion: dict[str, AttackRecord]
    region: int
    importance: str

    @cached_property
    def method(self) -> str:
        """The method that most models have maps by; of equals the study's first."""
        pairs = self.tables["gini"][["model", "method"]].drop_duplicates()
        return str(pairs["method"].value_counts(sort=False).idxmax())

    @cached_property
    def models(self) -> list[str]:
        """The models with maps by that method: normal training first, then by ε, then others."""
        return [name for name in ordered(self.tables["models"])["model"] if f"{name}/{self.method}" in self.maps]

    @cached_property
    def colors(self) -> dict[str, str]:
        """Colour by model, the same in every figure."""
        return colors(self.tables["models"])

    @property
    def pair(self) -> list[str]:
        """Normal training and the largest ε, the ends of the series; in its place models under audit, if there are any.

        One model where there is no other.
        """
        table, under_audit = self.tables["models"], self.tables["verdict"]["model"].unique()
        audited = [name for name in self.models if name in under_audit]
        inside = [name for name in self.models if table.loc[table["model"] == name, "series"].all()]
        return list(dict.fromkeys([*inside[:1], *(audited or inside[-1:])])) or self.models[:1]

    def of(self, table: str, model: str, **values: Any) -> pd.DataFrame:
        """Rows of a table on one model by the shared method."""
        rows = self.tables[table]
        for column, value in {"model": model, "method": self.method, **values}.items():
            rows = rows[rows[column] == value]
        return rows

    def by(self, model: str) -> str:
        """The key of a model's maps by the shared method."""
        return f"{model}/{self.method}"

    def controls(self, measure: str) -> list[tuple[str, str, float]]:
        """Controls of a measure by the shared method: which, its name for people, its mean."""
        rows = self.tables["controls"]
        rows = rows[(rows["measure"] == measure) & (rows["method"] == self.method)]
        found = []
        for row in rows.to_dict("records"):
            names = {"untrained": f"untrained {row['architecture']}", "input": "the input alone"}
            found.append((row["control"], names.get(row["control"], str(row["control"])), float(row["mean"])))
        return found

    @cached_property
    def color(self) -> str:
        """The occlusions' colour whose error rates differ most between the pair at the largest budget."""
        table = full_budget(self.tables["occlusion"])
        table = table[(table["where"] == "important") & (table["method"] == self.method)]
        rates = table[table["model"].isin(self.pair)].groupby("color", sort=False)["error_rate"]
        return str((rates.max() - rates.min()).idxmax())


def read_findings(inputs: Mapping[str, Any], region: int, importance: str) -> Findings:
    """Read the inputs of stage `figures`: a path, or for a fan-in a dict of paths."""
    paths: Mapping[str, Mapping[str, Path]] = inputs
    return Findings(
        {
            name: read_table(inputs[name], "tables", ("epsilon",) if name == "models" else ("method",))
            for name in TABLES
        },
        read_sample(inputs["sample"]),
        {key: read_maps(path)[0] for key, path in paths["maps"].items()},
        {key: read_table(path, "inequality", ("gini_global",)) for key, path in paths["inequality"].items()},
        {key: read_record(path, "occlusion") for key, path in paths["records"].items()},
        region,
        importance,
    )
