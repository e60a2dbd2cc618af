"""How a study agrees with the paper, in a sentence and a count; the words are in the report's `templates/paper.j2`."""

from __future__ import annotations

import pandas as pd

from ineq.io.tables import records
from ineq.paper.names import VERDICTS
from ineq.report.render import words


def agreement(item: str, table: pd.DataFrame, claims: pd.DataFrame) -> str:
    """One sentence: how far from the paper's numbers, and how the claims on this item stand."""
    both = table["difference"].dropna().astype(float)
    numbers = {"rows": len(table), "numbers": len(both), "largest": both.abs().max()}
    verdicts = [(row["id"], row["verdict"]) for row in records(claims[claims["item"] == item])]
    (sentence,) = words("paper.j2", "agreement", **numbers, claims=verdicts)
    return sentence


def counted(claims: pd.DataFrame) -> str:
    """How many claims there are of each verdict."""
    counts = claims["verdict"].value_counts()
    return ", ".join(f"{counts.get(verdict, 0)} {verdict}" for verdict in VERDICTS)
