"""The small results of a finished run, which `ineq study publish` puts into `docs/results/<study>/`."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ineq.analysis.study_results import StudyResults
from ineq.attribution.names import METHOD
from ineq.config.compose import study_parameters
from ineq.config.loader import load_card
from ineq.housekeeping.publish import PUBLISHED
from ineq.io.tables import read_table, records
from ineq.statistics.conclusions import Interval, direction

STUDIES = {"cifar10": "CIFAR-10", "digits": "digits", "digits-seeds": "digits, several seeds"}
"""The studies of the pages, in their order, with the name of their data set."""


class Gain(NamedTuple):
    """The gain over random of an attack at the headline budget, for the standard and the most robust model."""

    attack: str
    setting: str
    budget: str
    rates: tuple[tuple[float, float], tuple[float, float]]
    """Each model's error rates: attacked at the most important places, and at random ones."""
    standard: Interval
    robust: Interval

    @property
    def name(self) -> str:
        """The attack with its budget."""
        return f"{self.attack}, {self.setting}, {self.budget}"

    @property
    def answer(self) -> str:
        """How the robust model's gain stands to the standard one's: one of `CONCLUSIONS`."""
        return direction(self.standard, self.robust)


class Published:
    """The published results of a study. Maps are those of Integrated Gradients."""

    def __init__(self, root: Path, study: str):
        self.study, self.title = study, STUDIES[study]
        self.place = PUBLISHED.format(study=study)
        self.folder = root / self.place
        self.parameters = study_parameters(root, study)
        cards = {model: load_card(root, study, model).model_dump() for model in self.parameters.models}
        self.results = StudyResults(cards, {"contrasts": self.table("contrasts")})
        self.models = self.table("models").set_index("model", drop=False)
        self.series, self.standard, self.robust = self.results.series, self.results.standard, self.results.robust
        self.seeds = int(self.table("families")["models"].max())

    def table(self, name: str) -> pd.DataFrame:
        """A table by its path below the study's folder, without the ending."""
        return read_table(self.folder / f"{name}.csv", "tables")

    @cached_property
    def claims(self) -> dict[str, dict[str, str]]:
        """The paper's claims, with this study's verdicts and their evidence, by the claim's name."""
        return {row["id"]: row for row in records(self.table("paper/claims").astype(object).fillna(""))}

    @cached_property
    def figures(self) -> dict[str, dict[str, str]]:
        """Title and caption of each figure."""
        return json.loads((self.folder / "figures" / "captions.json").read_text(encoding="utf-8"))

    def gini(self, model: str, measure: str = "gini_global") -> Interval:
        """A model's mean Gini index with its interval."""
        return _estimate(self.table("gini"), model=model, measure=measure)

    def control(self, control: str, architecture: str | None = None, measure: str = "gini_global") -> Interval:
        """The same of a control: `untrained`, by default of the first architecture, or `input`."""
        where = {"control": control, "measure": measure}
        return _estimate(self.table("controls"), **where, **({"architecture": architecture} if architecture else {}))

    def untrained(self) -> list[str]:
        """The architectures that were measured untrained."""
        return list(dict.fromkeys(self.table("controls")["architecture"].dropna()))

    def gains(self) -> list[Gain]:
        """The gain over random of each attack at its headline budget."""
        gains = []
        for (attack, setting), rows in self.results.headline("contrasts", method=METHOD).groupby(
            ["attack", "setting"], sort=False
        ):
            by_model = {row["model"]: row for row in records(rows)}
            both = [by_model[self.standard], by_model[self.robust]]
            subpixels, count, radius = (both[0][axis] for axis in ("subpixels", "count", "radius"))
            budget = f"{subpixels:g} values" if attack == "noise" else f"{count:g} squares of radius {radius:g}"
            first, last = ((row["guided"], row["random"]) for row in both)
            differences = (Interval(row["difference"], row["low"], row["high"]) for row in both)
            gains.append(Gain(str(attack), str(setting), budget, (first, last), *differences))
        return gains


def published(root: Path) -> list[Published]:
    """The studies that have a published run."""
    return [Published(root, study) for study in STUDIES if (root / PUBLISHED.format(study=study) / "paper").is_dir()]


def _estimate(table: pd.DataFrame, **where: str) -> Interval:
    """The first row by Integrated Gradients with these values."""
    for column, value in {"method": METHOD, **where}.items():
        table = table[table[column] == value]
    row = table.iloc[0]
    return Interval(row["mean"], row["low"], row["high"])
