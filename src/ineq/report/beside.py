"""How a figure or table compares with the paper: its claims with their verdicts, and its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ineq.figures.captions import listed
from ineq.io.tables import records
from ineq.paper.names import FIGURES, ITEMS
from ineq.paper.summary import agreement, counted


@dataclass(frozen=True)
class Beside:
    """The paper's items (of `names.ITEMS`, or `fig3`) that it answers, and words where they do not say enough."""

    items: tuple[str, ...] = ()
    words: str = ""


NONE = "The paper has no such {kind}: "
OF_FIGURES = {
    "gini": Beside(("table1",)),
    "lorenz": Beside(("a3",)),
    "maps": Beside(words="The paper judges its maps by eye, too: there is no number to hold against these."),
    "noise": Beside(("fig3",)),
    "surface": Beside(("table2",), NONE + "its Table 2 has two budgets, without random twins."),
    "examples": Beside(words="Chosen pictures prove nothing, here as there; the rates are in the table below."),
    "fragility": Beside(words=NONE + "it compares models, and this asks whether the same holds from image to image."),
}
OF_TABLES = {
    "models": Beside(words="“Accuracy under attack” has the paper's accuracies beside these."),
    "robustness": Beside(("table5",)),
    "gini": Beside(("table1", "table3")),
    "controls": Beside(words=NONE + "without it, the standard model seems to be where the scale of the Gini begins."),
    "noise": Beside(("fig3",)),
    "occlusion": Beside(("table2",)),
    "contrasts": Beside(words=NONE + "it has random noise in Figure 3, but no random occlusion."),
    "attacks": Beside(words=NONE + "these attacks come from other packages."),
    "pairs": Beside(words=NONE + "it gives no test of whether two rates differ by chance."),
    "families": Beside(
        words="The paper's ± is over seeds; this is over training seeds, of a family with one seed it says nothing."
    ),
    "numbers": Beside(words="“about” and the like are the paper's own words."),
    "claims": Beside(),
    "sensitivity": Beside(words=NONE + "its text leaves these open, and any reader may have chosen otherwise."),
}
"""What each figure and table of the report answers."""


def of_figure(name: str, tables: Mapping[str, pd.DataFrame]) -> tuple[str, list[dict[str, str]]]:
    """A sentence, and the claims that the figure is on, each with its verdict and evidence."""
    about = OF_FIGURES[name]
    places = [f"{place} ({shown})" for place, (shown, own) in FIGURES.items() if own == name]
    parts = [f"In the paper: {listed(places)}."] if places else []
    parts += [about.words.format(kind="figure")] if about.words else []
    claims = tables["claims"]
    return " ".join(parts), [
        {key: str(row[key]) for key in ("place", "claim", "verdict", "evidence")}
        for row in records(claims[claims["item"].isin(list(about.items))])
    ]


def of_table(name: str, tables: Mapping[str, pd.DataFrame]) -> str:
    """A sentence on the paper's numbers and claims that the table answers."""
    about, claims = OF_TABLES[name], tables["claims"]
    parts = [about.words.format(kind="table")] if about.words else []
    for item in ITEMS:
        if item.id in about.items:
            parts.append(f"The paper's {item.place}: {agreement(item.id, tables[item.id], claims)}")
    if "fig3" in about.items:
        own = claims[claims["item"] == "fig3"]
        parts.append(f"The paper's Figure 3 is this curve, of ImageNet; its claims: {counted(own)}.")
    return " ".join(parts)


def numbers(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Every number of the paper that a table of this study has too, with what it is of."""
    kept = ("model", "setting", "measure", "count", "radius", "subpixels", "here", "low", "high", "paper", "relation")
    parts = [
        tables[item.id].loc[tables[item.id]["paper"].notna(), [*kept, "difference"]].assign(place=item.place)
        for item in ITEMS
    ]
    found = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    found.insert(0, "place", found.pop("place"))
    return found.dropna(axis=1, how="all")
