"""`data/paper/numbers.csv`: every number that the paper's text gives, and what of it fits a result of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ineq.analysis.study_results import plain
from ineq.attacks.names import ATTACK, BUDGET
from ineq.errors import InputError
from ineq.io.tables import read_table, records

LOST = "not in the text"
SOURCES = ("text", "second-hand", LOST)
COLUMNS = (
    *("id", "place", "dataset", "architecture", "model", "class", "measure", *ATTACK),
    *("value", "relation", "sd", "source", "wording", "note"),
)
ARCHITECTURES = {"resnet18": "ResNet-18", "resnet50": "ResNet-50", "densenet": "DenseNet"}
"""By the beginning of a card's architecture."""


Number = Mapping[str, Any]
"""A row of the file; an empty cell is an empty text."""


@dataclass(frozen=True)
class Numbers:
    """The paper's numbers for one data set, and those that are of none, like its examples."""

    here: Sequence[Number] = ()
    others: Sequence[Number] = ()

    def named(self, name: str) -> Number:
        """The number of this `id`, of no data set."""
        for number in self.others:
            if number["id"] == name:
                return number
        raise InputError(f"the paper's numbers have none of no data set that is called '{name}'")

    def find(self, row: Mapping[str, Any]) -> Number | None:
        """The number for a result: same model, measure, attack, setting and budget.

        A number whose architecture or budget the text does not tell fits any, but one that tells them goes first.
        """
        same = {key: row.get(key, "") for key in ("model", "measure", "attack", "setting")}
        asked = {"architecture": row.get("architecture", ""), **{key: _text(row.get(key, "")) for key in BUDGET}}
        fit = [
            number
            for number in self.here
            if all(number[key] == value for key, value in same.items())
            and all(number[key] in ("", value) for key, value in asked.items())
        ]
        return max(fit, key=lambda number: sum(number[key] != "" for key in asked), default=None)


def read_numbers(path: Path, dataset: str) -> Numbers:
    """The numbers of a data set of the paper; none for another. Raises `InputError` for a file of another shape."""
    table = read_table(path, "paper", COLUMNS)
    table = table[table["source"] != LOST].astype(object).fillna("")
    table = table.assign(**{key: table[key].map(_text) for key in BUDGET})
    return Numbers(records(table[table["dataset"] == dataset]), records(table[table["dataset"] == ""]))


def _text(value: Any) -> str:
    """A whole number as it is written, and nothing for an empty cell."""
    return "" if value == "" or pd.isna(value) else f"{float(value):g}"


def paper_name(card: Mapping[str, Any]) -> str:
    """What the paper calls a model of this card: `standard`, `linf-8`; empty for what it has no numbers of."""
    training = card["train"]
    if not plain(card):
        return ""
    return "standard" if training["norm"] == "none" else f"linf-{training['epsilon'] * 255:g}"


def paper_architecture(card: Mapping[str, Any]) -> str:
    """What the paper calls the architecture of a card, or the card's own name for it."""
    name = card["architecture"]["name"]
    return next((title for start, title in ARCHITECTURES.items() if name.startswith(start)), name)
