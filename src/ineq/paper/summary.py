"""The paper's tables and claims beside the study's, as Markdown; the page is `templates/paper.md.j2` of the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ineq.attacks.names import ATTACK
from ineq.io.tables import records
from ineq.paper.agreement import agreement, counted
from ineq.paper.names import ITEMS
from ineq.report.render import render

ABOUT = ("source", "model", "class", "method", *ATTACK, "measure")
HEADER = (*ABOUT, "here [95 % interval]", "random control", "images", "paper", "difference")


def markdown(tables: Mapping[str, pd.DataFrame], variants: pd.DataFrame, claims: pd.DataFrame) -> str:
    """A page: the claims first, then each table without the columns that it leaves empty, then the variants."""
    items = [
        {
            "place": item.place,
            "title": item.title,
            "agreement": agreement(item.id, tables[item.id], claims),
            "table": _table(tables[item.id]),
        }
        for item in ITEMS
    ]
    return render("paper.md.j2", items=items, **_claims(claims), **_variants(variants)) + "\n"


def _claims(claims: pd.DataFrame) -> dict[str, Any]:
    rows = claims[["place", "claim", "verdict", "evidence"]].itertuples(index=False)
    return {"counts": counted(claims), "claims": list(map(tuple, rows))}


def _variants(table: pd.DataFrame) -> dict[str, Any]:
    if table.empty:
        return {"variants": None, "changed": []}
    cells = [
        f"{row['difference']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]{' *' * bool(row['changes'])}"
        for row in records(table)
    ]
    wide = table.assign(cell=cells).pivot(index="variant", columns="statistic", values="cell").fillna("")
    columns = list(dict.fromkeys(table["statistic"]))
    rows = [(name, *wide.loc[name, columns]) for name in dict.fromkeys(table["variant"])]
    changed = records(table[table["changes"].astype(bool)])
    return {"variants": (("variant", *columns), rows), "changed": changed}


def _table(table: pd.DataFrame) -> tuple[list[str], list[tuple]]:
    rows = [_cells(row) for row in records(table)]
    frame = pd.DataFrame(rows, columns=list(HEADER))
    kept = [name for name in HEADER if (frame[name] != "").any()]
    return kept, [tuple(row) for row in frame[kept].itertuples(index=False)]


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    def text(value: Any, form: str = "") -> str:
        return "" if pd.isna(value) or value == "" else format(value, form)

    interval = "" if pd.isna(row["low"]) else f" [{row['low']:.3f}, {row['high']:.3f}]"
    paper = " ".join(filter(None, (text(row["relation"]), text(row["paper"], "g"))))
    numbers = (f"{row['here']:.3f}{interval}", text(row["random"], ".3f"), text(row["images"]))
    return (*(text(row[name]) for name in ABOUT), *numbers, paper, text(row["difference"], "+.3f"))
