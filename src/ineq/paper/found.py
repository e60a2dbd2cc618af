"""What a study found, in the words of the paper: which model is the standard one, which the robust one, and so on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from ineq.statistics.intervals import Interval

Card = Mapping[str, Any]
METHOD = "integrated_gradients"


@dataclass(frozen=True)
class Found:
    """The study's tables by name, its cards by model, and what the headline budgets are.

    `tables` are those of stage `tables`, and `transfer`, `classes` (one row an image) and `sensitivity`.
    """

    tables: Mapping[str, pd.DataFrame]
    cards: Mapping[str, Card]
    subpixels: int
    cells: tuple[tuple[int, int], ...]

    def models(self, wanted: Callable[[Card], bool]) -> list[str]:
        """Models whose card is as wanted, by ε, else in the study's order."""
        chosen = [model for model, card in self.cards.items() if wanted(card)]
        return sorted(chosen, key=lambda model: self.cards[model]["train"]["epsilon"])

    def series(self, architecture: Mapping[str, Any]) -> list[str]:
        """Models of an architecture that differ in nothing but ε of l∞ training (and the seed), standard first."""
        return self.models(lambda card: card["architecture"] == architecture and _plain(card))

    @cached_property
    def architectures(self) -> list[Mapping[str, Any]]:
        """Distinct architectures of the study."""
        found: list[Mapping[str, Any]] = []
        for card in self.cards.values():
            found += [card["architecture"]] if card["architecture"] not in found else []
        return found

    @cached_property
    def main(self) -> list[str]:
        """The series of the study's first architecture."""
        return self.series(self.architectures[0])

    @property
    def standard(self) -> str:
        """The model with standard training."""
        return self.main[0]

    @property
    def robust(self) -> str:
        """The model with the largest ε of l∞ training."""
        return self.main[-1]

    @cached_property
    def l2(self) -> list[str]:
        """Models with l2 training."""
        return self.models(lambda card: card["train"]["norm"] == "l2")

    @cached_property
    def pruned(self) -> list[str]:
        """Pruned models."""
        return self.models(lambda card: bool(card.get("pruning")))

    @cached_property
    def cutout(self) -> list[str]:
        """Adversarially trained models with Cutout."""
        return self.models(lambda card: bool(card["train"]["cutout"]))

    def methods(self, *models: str) -> list[str]:
        """Methods by which all these models have maps."""
        table = self.tables["gini"]
        found = list(dict.fromkeys(table["method"]))
        return [
            method for method in found if set(models) <= set(table.loc[table["method"] == method, "model"].tolist())
        ]

    def gini(self, model: str, measure: str = "gini_global", method: str = METHOD) -> Interval | None:
        """A measure of `gini.csv` with its interval over images; None where the model has no such maps."""
        table = self.tables["gini"]
        rows = table[(table["model"] == model) & (table["method"] == method) & (table["measure"] == measure)]
        return Interval(*rows.iloc[0][["mean", "low", "high"]].astype(float)) if len(rows) else None

    def attack(
        self, table: str, model: str, setting: str, budget: tuple[int, int] | int, method: str = METHOD
    ) -> Mapping[str, Any] | None:
        """The row of `contrasts` or `pairs` for a model, a kind of noise or a colour, and a budget; None without."""
        rows = self.tables[table]
        rows = rows[(rows["model"] == model) & (rows["method"] == method) & (rows["setting"] == setting)]
        if isinstance(budget, tuple):
            rows = rows[(rows["count"] == budget[0]) & (rows["radius"] == budget[1])]
        else:
            rows = rows[rows["subpixels"] == budget]
        return rows.iloc[0].to_dict() if len(rows) else None


def _plain(card: Card) -> bool:
    training = card["train"]
    return training["norm"] in ("none", "linf") and not training["cutout"] and not card.get("pruning")
