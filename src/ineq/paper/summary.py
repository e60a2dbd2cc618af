"""The paper's tables and claims beside the study's, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ineq.attacks.names import ATTACK
from ineq.io.markdown import markdown_table
from ineq.io.tables import records
from ineq.paper.names import ITEMS, VERDICTS

ABOUT = ("source", "model", "class", "method", *ATTACK, "measure")
HEADER = (*ABOUT, "here [95 % interval]", "random twin", "images", "paper", "difference")


def markdown(tables: Mapping[str, pd.DataFrame], conventions: pd.DataFrame, claims: pd.DataFrame) -> str:
    """A page: the claims first, then each table without the columns that it leaves empty, then the conventions."""
    parts = ["# The paper's results beside these", claims_part(claims)]
    for item in ITEMS:
        parts.append(f"## {item.place}: {item.title}\n\n{agreement(item.id, tables[item.id], claims)}")
        parts.append(_table(tables[item.id]))
    parts.append(sensitivity_part(conventions))
    return "\n\n".join(parts) + "\n"


def claims_part(claims: pd.DataFrame) -> str:
    """How many claims stand how, and each with its evidence."""
    rows = [tuple(row) for row in claims[["place", "claim", "verdict", "evidence"]].itertuples(index=False)]
    return f"## Claims: {counted(claims)}\n\n{markdown_table(('place', 'claim', 'verdict', 'evidence'), rows)}"


def counted(claims: pd.DataFrame) -> str:
    """How many claims there are of each verdict."""
    counts = claims["verdict"].value_counts()
    return ", ".join(f"{counts.get(verdict, 0)} {verdict}" for verdict in VERDICTS)


def sensitivity_part(table: pd.DataFrame) -> str:
    """What each convention makes of the difference between robust and standard, and whether a conclusion changes."""
    title = "## Sensitivity: robust minus standard under each convention that the paper leaves open"
    if table.empty:
        return f"{title}\n\nNot here: `sensitivity.models` lacks the standard or the most robust model."
    changed = table[table["changes"].astype(bool)]
    named = "; ".join(f"{row['convention']}: {row['statistic']} {row['conclusion']}" for row in records(changed))
    said = f"Other conclusions than the study's own conventions give: {named or 'none'}."
    cells = [
        f"{row['difference']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]{' *' * bool(row['changes'])}"
        for row in records(table)
    ]
    wide = table.assign(cell=cells).pivot(index="convention", columns="statistic", values="cell").fillna("")
    columns = list(dict.fromkeys(table["statistic"]))
    rows = [(name, *wide.loc[name, columns]) for name in dict.fromkeys(table["convention"])]
    return f"{title}\n\n{said}\n\n{markdown_table(('convention', *columns), rows)}"


def agreement(item: str, table: pd.DataFrame, claims: pd.DataFrame) -> str:
    """One sentence: how far from the paper's numbers, and how the claims on this item stand."""
    if table.empty:
        return "Not here: the study has no such models or attacks."
    both = table["difference"].dropna().astype(float)
    largest = both.abs().max() if len(both) else 0.0
    numbers = (
        f"{len(both)} numbers are in the paper's text too, the largest difference is {largest:.3f}"
        if len(both)
        else "The paper's numbers for this data set are not in its text"
    )
    own = claims[claims["item"] == item]
    judged = "; ".join(f"{row['id']}: {row['verdict']}" for row in records(own))
    return f"{numbers}{f'. Claims: {judged}' if judged else ''}."


def _table(table: pd.DataFrame) -> str:
    rows = [_cells(row) for row in records(table)]
    frame = pd.DataFrame(rows, columns=list(HEADER))
    kept = [name for name in HEADER if (frame[name] != "").any()]
    return markdown_table(kept, [tuple(row) for row in frame[kept].itertuples(index=False)])


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    def told(value: Any, form: str = "") -> str:
        return "" if pd.isna(value) or value == "" else format(value, form)

    interval = "" if pd.isna(row["low"]) else f" [{row['low']:.3f}, {row['high']:.3f}]"
    paper = " ".join(filter(None, (told(row["relation"]), told(row["paper"], "g"))))
    numbers = (f"{row['here']:.3f}{interval}", told(row["random"], ".3f"), told(row["images"]))
    return (*(told(row[name]) for name in ABOUT), *numbers, paper, told(row["difference"], "+.3f"))
