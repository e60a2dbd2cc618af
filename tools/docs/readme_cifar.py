"""The README's block on CIFAR-10: Gini, accuracy and robustness of the published run beside the paper's numbers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from ineq.attribution.names import METHOD
from ineq.io.markdown import markdown_table

PUBLISHED = "docs/results/cifar10"
CLOSE = 0.05
"""How far from the paper's Gini a number may lie before it is called open."""


def cifar(root: Path = Path(".")) -> str:
    """A table, one row a model, and a sentence on how its Gini stands to the paper's; or that there is no run yet."""
    if not (root / PUBLISHED / "gini.csv").is_file():
        return "No run of this study is published yet."
    models = pd.read_csv(root / PUBLISHED / "models.csv").set_index("model")
    gini = _gini(pd.read_csv(root / PUBLISHED / "gini.csv"))
    robust = _robustness(pd.read_csv(root / PUBLISHED / "robustness.csv"))
    told = _told(pd.read_csv(root / PUBLISHED / "paper" / "table1.csv"))
    header = ("model", "Gini here [95 % interval]", "paper", "difference", "accuracy", "PGD, AutoAttack at 8/255")
    rows = [_row(model, models.loc[model], gini[model], told, robust.get(model, "not attacked")) for model in gini]
    words = " ".join(_words(gini, told, models))
    return f"{markdown_table(header, rows)}\n\n{words}\n\n![Gini index]({PUBLISHED}/figures/gini.svg)"


def _told(table: pd.DataFrame) -> dict[str, float]:
    """The paper's global Gini of each model that it has too, as the study's Table 1 found it."""
    chosen = table[(table["measure"] == "gini_global") & table["paper"].notna()]
    return dict(zip(chosen["model"].astype(str), chosen["paper"].astype(float), strict=True))


def _gini(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """The row of each model's global Gini by Integrated Gradients."""
    chosen = table[(table["method"] == METHOD) & (table["measure"] == "gini_global")]
    return {str(row["model"]): {str(key): value for key, value in row.items()} for row in chosen.to_dict("records")}


def _robustness(table: pd.DataFrame) -> dict[str, str]:
    common = table[table["budget"] == "common"]
    found = {}
    for model, rows in common.groupby("model", sort=False):
        share = rows.set_index("attack")["accuracy"]
        images = int(rows["images"].iloc[0])
        found[str(model)] = f"{100 * share['pgd']:.0f} %, {100 * share['autoattack']:.0f} % of {images}"
    return found


def _row(model: str, about: Any, gini: dict[str, Any], told: dict[str, float], robust: str) -> tuple[str, ...]:
    mean = f"{gini['mean']:.3f} [{gini['low']:.3f}, {gini['high']:.3f}]"
    paper = (f"{told[model]:.2f}", f"{gini['mean'] - told[model]:+.3f}") if model in told else ("not in it", "")
    return model, mean, *paper, f"{100 * about['accuracy']:.1f} %", robust


def _words(gini: dict[str, dict[str, Any]], told: dict[str, float], models: pd.DataFrame) -> Iterator[str]:
    both = {model: gini[model]["mean"] - told[model] for model in gini if model in told}
    far = [f"{model} by {difference:+.3f}" for model, difference in both.items() if abs(difference) > CLOSE]
    yield (
        f"Open: more than {CLOSE:g} from the paper's Gini are {', '.join(far)}."
        if far
        else f"Every Gini that the paper gives too is within {CLOSE:g} of it."
    )
    series = [gini[model]["mean"] for model in models[models["series"]].sort_values("epsilon").index if model in gini]
    rises = all(low < high for low, high in itertools.pairwise(series))
    yield f"Along ε it {'rises at every step' if rises else 'does not rise at every step'}."
    others = [model for model in gini if not models.loc[model, "series"]]
    yield "Beside this series: " + ", ".join(f"{model} {gini[model]['mean']:.3f}" for model in others) + "."
