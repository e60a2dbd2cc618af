"""What a study found, in the words of the paper: which model is the standard one, which the robust one, and so on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ineq.attribution.names import METHOD, METHODS
from ineq.inequality.names import GINIS
from ineq.io.tables import read_table, records
from ineq.paper.zeros import zero_shares
from ineq.statistics.conclusions import Interval
from ineq.statistics.intervals import share_interval
from ineq.tables.series import in_series

Card = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """The study's tables by name, its cards by model, and the number of noisy values in the headline.

    `tables` are those of stage `tables`; `transfer`, `classes`, `sensitivity` and `margins`, one row an image; and
    `zeros`, of pruned models.
    """

    tables: Mapping[str, pd.DataFrame]
    cards: Mapping[str, Card]
    subpixels: int

    @property
    def cells(self) -> list[tuple[int, int]]:
        """The headline's occlusion budgets (count, radius), the full one first."""
        table = self.tables["contrasts"]
        table = table[table["attack"] == "occlusion"][["count", "radius"]].drop_duplicates().astype(int)
        return [(count, radius) for count, radius in table.itertuples(index=False)]

    def models(self, wanted: Callable[[Card], bool]) -> list[str]:
        """Models whose card is as wanted, by ε, else in the study's order."""
        chosen = [model for model, card in self.cards.items() if wanted(card)]
        return sorted(chosen, key=lambda model: self.cards[model]["train"]["epsilon"])

    def series(self, architecture: Mapping[str, Any]) -> list[str]:
        """Models of an architecture that differ in nothing but ε of l∞ training (and the seed), standard first."""
        return self.models(lambda card: in_series(card, architecture))

    @cached_property
    def architectures(self) -> list[Mapping[str, Any]]:
        """Distinct architectures of the study."""
        found: list[Mapping[str, Any]] = []
        for card in self.cards.values():
            found += [card["architecture"]] if card["architecture"] not in found else []
        return found

    @cached_property
    def main(self) -> list[str]:
        """The series of the study's first architecture, one model (the first seed) for each ε."""
        models = self.series(self.architectures[0]) or list(self.cards)[:1]
        first = {self.cards[model]["train"]["epsilon"]: model for model in reversed(models)}
        return [model for model in models if model in first.values()]

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

    @property
    def cutout_pairs(self) -> list[tuple[str, str]]:
        """Each model with Cutout behind the one whose training differs in nothing else."""
        pairs = []
        for model in self.cutout:
            card = self.cards[model]
            for other in self.series(card["architecture"]):
                if self.cards[other]["train"]["epsilon"] == card["train"]["epsilon"]:
                    pairs.append((other, model))
        return pairs

    def methods(self, *models: str) -> list[str]:
        """The paper's methods by which all these models have maps."""
        table = self.tables["gini"]
        # Another one, of a plug-in, is no evidence on the paper's claims.
        found = [method for method in dict.fromkeys(table["method"]) if method in METHODS]
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
        return records(rows)[0] if len(rows) else None


def rate_interval(rate: float, images: int) -> Interval:
    """A rate with Wilson's interval. A mean over repeats is not a count: the nearest one stands for it."""
    return share_interval(round(rate * images), images)


TABLES = ("models", "gini", "controls", "occlusion", "contrasts", "pairs", "robustness", "transfer")


def read_found(inputs: Mapping[str, Any], cards: Mapping[str, Card], subpixels: int) -> Found:
    """Read the inputs of stage `paper`."""
    tables = {name: read_table(inputs[name], name if name == "transfer" else "tables") for name in TABLES}
    names = dict(enumerate(read_table(inputs["classes"], "sample", ("class",))["class"].astype(str)))
    whole = _by_model(inputs["splits"], "classes", ("label", "prediction", *GINIS))
    tables["classes"] = whole.assign(**{"class": whole["label"].map(names)})
    tables["sensitivity"] = _by_model(inputs["sensitivity"], "sensitivity", ("variant", "image", "label"))
    tables["margins"] = _by_model(inputs["predictions"], "predict", ("image", "margin"))
    found = Found(tables, cards, subpixels)
    tables["zeros"] = pd.DataFrame([row for model in found.pruned for row in _zeros(model, cards[model], inputs)])
    return found


def _by_model(paths: Mapping[str, Path], stage: str, columns: tuple[str, ...]) -> pd.DataFrame:
    """The tables of several models as one, with a column `model`; empty where there is none."""
    tables = [read_table(path, stage, columns).assign(model=model) for model, path in paths.items()]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["model", *columns])


def _zeros(model: str, card: Card, inputs: Mapping[str, Mapping[str, Path]]) -> list[dict[str, Any]]:
    shares = zero_shares(inputs["checkpoints"][model], card["architecture"]["channels"])
    pruning = card["pruning"]
    setting = f"card: {pruning['amount']:g} of {pruning['kind']}"
    return [{"model": model, "setting": setting, "measure": name, "here": share} for name, share in shares.items()]
