"""What a study's models, methods and attacks are to each other, decided once for all who read its results.

Tables, paper, figures, gallery, report and documentation take the reference model, the robust model, the headline's
method and its budgets from here, or from the columns `series`, `reference` and `headline` that the tables write. No
torch: the documentation reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from ineq.analysis.rows import places_in
from ineq.attribution.names import METHOD, METHODS
from ineq.io.tables import records
from ineq.statistics.conclusions import Interval

Card = Mapping[str, Any]


def plain(card: Card) -> bool:
    """Whether a model differs from others of its architecture in nothing but ε of l∞ training, and the seed."""
    training = card["train"]
    return training["norm"] in ("none", "linf") and not training["cutout"] and not card.get("pruning")


@dataclass(frozen=True)
class StudyResults:
    """The cards of a study's models, in its order, and its tables by name. What is asked for says which it reads.

    `tables` are those of stage `tables`, and what a reader adds to them.
    """

    cards: Mapping[str, Card]
    tables: Mapping[str, pd.DataFrame]

    def models_like(self, matches: Callable[[Card], bool]) -> list[str]:
        """Models whose card matches, by ε, else in the study's order."""
        models = [model for model, card in self.cards.items() if matches(card)]
        return sorted(models, key=lambda model: self.cards[model]["train"]["epsilon"])

    @cached_property
    def architectures(self) -> list[Mapping[str, Any]]:
        """Distinct architectures of the study; the headline is of the first."""
        architectures: list[Mapping[str, Any]] = []
        for card in self.cards.values():
            architectures += [card["architecture"]] if card["architecture"] not in architectures else []
        return architectures

    def series_of(self, architecture: Mapping[str, Any]) -> list[str]:
        """Models of an architecture that differ in nothing but ε of l∞ training (and the seed), standard first."""
        return self.models_like(lambda card: plain(card) and card["architecture"] == architecture)

    @cached_property
    def series(self) -> list[str]:
        """The series of the study's first architecture, with all its seeds."""
        return self.series_of(self.architectures[0])

    @cached_property
    def main(self) -> list[str]:
        """The first seed of each ε of the study's series; the study's first model where there is no series."""
        first = {self.cards[model]["train"]["epsilon"]: model for model in reversed(self.series)}
        return [model for model in self.series if model in first.values()] or list(self.cards)[:1]

    @property
    def standard(self) -> str:
        """The model with standard training: where the main series begins."""
        return self.main[0]

    @property
    def robust(self) -> str:
        """The model with the largest ε of l∞ training: where the main series ends."""
        return self.main[-1]

    def reference_of(self, model: str) -> str | None:
        """The first seed of standard training of the model's architecture; None for that model itself, or without one.

        Raises `KeyError` for a model that the study does not have.
        """
        series = self.series_of(self.cards[model]["architecture"])
        reference = next((name for name in series if self.cards[name]["train"]["norm"] == "none"), None)
        return None if reference == model else reference

    @property
    def l2(self) -> list[str]:
        """Models with l2 training."""
        return self.models_like(lambda card: card["train"]["norm"] == "l2")

    @property
    def pruned(self) -> list[str]:
        """Pruned models."""
        return self.models_like(lambda card: bool(card.get("pruning")))

    @property
    def cutout_pairs(self) -> list[tuple[str, str]]:
        """Each adversarially trained model with Cutout behind the one whose training differs in nothing else."""
        pairs = []
        for model in self.models_like(lambda card: bool(card["train"]["cutout"])):
            card = self.cards[model]
            for other in self.series_of(card["architecture"]):
                if self.cards[other]["train"]["epsilon"] == card["train"]["epsilon"]:
                    pairs.append((other, model))
        return pairs

    @cached_property
    def method(self) -> str:
        """The headline's method, from `gini`: the paper's where there are maps by it, else that of most models."""
        maps = self.tables["gini"][["model", "method"]].drop_duplicates()["method"]
        return METHOD if METHOD in maps.tolist() else str(maps.value_counts(sort=False).idxmax())

    def methods(self, *models: str) -> list[str]:
        """The paper's methods by which all these models have maps, from `gini`."""
        table = self.tables["gini"]
        # Another one, of a plug-in, is no evidence on the paper's claims.
        methods = [method for method in dict.fromkeys(table["method"]) if method in METHODS]
        return [method for method in methods if set(models) <= set(table.loc[table["method"] == method, "model"])]

    @cached_property
    def pair(self) -> list[str]:
        """The ends of the main series that have maps by the headline's method, from `gini` and `verdict`.

        Models under audit, if there are any, take the place of the robust one. One model where there is no other.
        """
        table, audited = self.tables["gini"], set(self.tables["verdict"]["model"])
        mapped = set(table.loc[table["method"] == self.method, "model"])
        ends = [model for model in self.main if model in mapped]
        others = [model for model in self.cards if model in mapped & audited] or ends[-1:]
        return list(dict.fromkeys([*ends[:1], *others])) or [model for model in self.cards if model in mapped][:1]

    def rows(self, table: str, **values: Any) -> pd.DataFrame:
        """The rows of a table that have these values, by column."""
        rows = self.tables[table]
        for column, value in values.items():
            rows = rows[rows[column] == value]
        return rows

    def headline(self, table: str, **values: Any) -> pd.DataFrame:
        """Such rows of a table of attacks with the headline's budget and success criterion."""
        return self.rows(table, headline=True, **values)

    @property
    def noise_budget(self) -> int:
        """The headline's number of noisy values, from `contrasts`."""
        return int(self.headline("contrasts", attack="noise")["subpixels"].iloc[0])

    @property
    def occlusion_budgets(self) -> list[tuple[int, int]]:
        """The budgets (count, radius) of occlusions in `contrasts`: first the headline's, which is the full one."""
        table = self.rows("contrasts", attack="occlusion")[["count", "radius"]].drop_duplicates().astype(int)
        return [(count, radius) for count, radius in table.itertuples(index=False)]

    @cached_property
    def places(self) -> list[str]:
        """Which places attacks changed, from `attacks`."""
        return places_in(set(self.tables["attacks"]["where"]))

    @cached_property
    def color(self) -> str:
        """The occlusions' colour whose headline error rates, in `attacks`, differ most between the pair."""
        table = self.headline("attacks", attack="occlusion", where="important", method=self.method)
        rates = table[table["model"].isin(self.pair)].groupby("setting", sort=False)["error_rate"]
        return str((rates.max() - rates.min()).idxmax())

    def gini(self, model: str, measure: str = "gini_global", method: str = METHOD) -> Interval | None:
        """A measure of `gini` with its interval over images; None where the model has no such maps."""
        rows = self.rows("gini", model=model, method=method, measure=measure)
        return Interval(*rows.iloc[0][["mean", "low", "high"]].astype(float)) if len(rows) else None

    def attack(
        self, table: str, model: str, setting: str, budget: int | tuple[int, int], method: str = METHOD
    ) -> Mapping[str, Any] | None:
        """The row of `contrasts` or `pairs` for a model, a kind of noise or a colour, and a budget; None without.

        A budget is a number of noisy values, or (count, radius) of occlusions.
        """
        size = {"subpixels": budget} if isinstance(budget, int) else {"count": budget[0], "radius": budget[1]}
        rows = self.rows(table, model=model, method=method, setting=setting, **size)
        return records(rows)[0] if len(rows) else None
