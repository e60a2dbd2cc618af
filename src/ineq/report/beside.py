"""How a figure or table compares with the paper: its claims with their verdicts, and its numbers."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ineq.io.tables import records
from ineq.paper.agreement import agreement, counted
from ineq.paper.names import FIGURES, ITEMS
from ineq.report.render import words

OF_FIGURES = {"gini": "table1", "lorenz": "a3", "noise": "fig3", "surface": "table2"}
OF_TABLES = {
    "robustness": ("table5",),
    "gini": ("table1", "table3"),
    "attacks": ("fig3", "table2"),
}
"""The paper's items (of `names.ITEMS`, or `fig3`) that figures and tables of the report answer."""


def of_figure(name: str, tables: Mapping[str, pd.DataFrame]) -> tuple[str, list[dict[str, str]]]:
    """A sentence, and the claims that the figure is on, each with its verdict and evidence."""
    places = [f"{place} ({shown})" for place, (shown, figure) in FIGURES.items() if figure == name]
    claims = tables["claims"]
    return " ".join(words("beside.j2", "figure", name=name, places=places)), [
        {key: str(row[key]) for key in ("place", "claim", "verdict", "evidence")}
        for row in records(claims[claims["item"] == OF_FIGURES.get(name)])
    ]


def of_table(name: str, tables: Mapping[str, pd.DataFrame]) -> str:
    """What the paper has beside a table: its numbers and claims that the table answers; empty where it says nothing."""
    answered, claims = OF_TABLES.get(name, ()), tables["claims"]
    items = [(item.place, agreement(item.id, tables[item.id], claims)) for item in ITEMS if item.id in answered]
    counts = counted(claims[claims["item"] == "fig3"]) if "fig3" in answered else ""
    return " ".join(words("beside.j2", "table", name=name, items=items, claims=counts))


def numbers(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Every number of the paper that a table of this study has too, with what it is of."""
    kept = ("model", "setting", "measure", "count", "radius", "subpixels", "here", "low", "high", "paper", "relation")
    parts = [
        tables[item.id].loc[tables[item.id]["paper"].notna(), [*kept, "difference"]].assign(place=item.place)
        for item in ITEMS
    ]
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    table.insert(0, "place", table.pop("place"))
    return table.dropna(axis=1, how="all")
