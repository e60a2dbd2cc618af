"""Everything the tables are made of, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ineq.analysis.study_results import StudyResults
from ineq.attacks.names import ATTACK
from ineq.attacks.outcome import Outcome
from ineq.data.sample import Sample


@dataclass(frozen=True)
class Results(StudyResults):
    """Per-image results of a study, before there are `tables` of them.

    By model, or by `model/method`; of attacks then by the attack's name.
    """

    sample: Sample
    predictions: dict[str, pd.DataFrame]
    inequality: dict[str, pd.DataFrame]
    attacks: Mapping[str, Mapping[str, Outcome]]
    controls: pd.DataFrame
    more: Mapping[str, dict[str, pd.DataFrame]] = field(default_factory=dict)
    """By the name of the input, what is no more than a table for each job: robustness, and so on."""

    @property
    def about_attack(self) -> list[str]:
        """Columns that tell an attack, its setting and its budget: an axis that it does not have is left empty."""
        outcomes = [outcome for by_name in self.attacks.values() for outcome in by_name.values()]
        return list(dict.fromkeys([*ATTACK, *(axis for outcome in outcomes for axis in outcome.budgets)]))

    def attack_table(self, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
        """A table of attacks: `columns`, with those of `about_attack` where "attack" is; whole numbers stay whole."""
        about = self.about_attack
        every = [name for column in columns for name in (about if column == "attack" else [column])]
        return pd.DataFrame(list(rows), columns=every).astype(dict.fromkeys(about[2:], "Int64"))
