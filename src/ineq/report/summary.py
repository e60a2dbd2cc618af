"""The numbers of the headline in Markdown; the page around them is `templates/summary.md.j2`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from ineq.analysis.metrics import maps_of
from ineq.analysis.rows import Settings, at, budgets_of, places_in
from ineq.analysis.study_results import StudyResults
from ineq.attacks.budgets import ATTACKS
from ineq.attacks.names import WHERE_NAMES
from ineq.data.sample import Sample, class_counts
from ineq.report.render import render

Table = tuple[tuple[str, ...], list[tuple]]
"""A header and rows of texts."""


def markdown(study: StudyResults, sample: Sample, settings: Settings) -> str:
    """A page with one table a question."""
    tables, image = study.tables, sample.images.shape[1:]
    counts = class_counts(sample.labels, len(sample.classes))
    attacks = list(_attacks(tables, settings, max(image[1:])))
    return render(
        "summary.md.j2",
        models=_models(tables["models"]),
        sampled=len(sample.labels),
        classes=list(zip(sample.classes, counts, strict=True)),
        seen=(counts > 0).sum(),
        gini=_gini(tables),
        values=image[0] * image[1] * image[2],
        attacks=attacks,
        places=[WHERE_NAMES[where] for where in study.places],
        attacked=_robustness(tables["robustness"]),
    )


def _attacks(tables: Mapping[str, pd.DataFrame], settings: Settings, side: int) -> Iterator[dict[str, Any]]:
    """Each attack at the budgets that are compared; and what of `tables.budgets` it does not have."""
    for name, rows in tables["attacks"].groupby("attack", sort=False):
        contrasts = tables["contrasts"][tables["contrasts"]["attack"] == name]
        budgets = budgets_of(rows)
        criterion = rows.loc[rows["headline"].astype(bool), "criterion"].iloc[0]
        full, *_ = compared = settings.compared(budgets)
        for budget in compared:
            yield {
                "name": name,
                "budget": budget,
                "criterion": criterion,
                # The largest squares cover the whole image.
                "chance": budget == full and budget.get("radius", 0) >= side,
                "rates": _rates(at(rows[rows["criterion"] == criterion], budget)),
                "differences": _differences(at(contrasts, budget)),
                "full": tuple(full.values()),
                "outside": [tuple(cell.values()) for cell in settings.outside(budgets)] * (budget == compared[-1]),
            }


def _models(table: pd.DataFrame) -> list[tuple]:
    return [
        (row["model"], row["title"], f"{100 * row['accuracy']:.1f}", row["evaluated"])
        for row in table.to_dict("records")
    ]


def _gini(tables: Mapping[str, pd.DataFrame]) -> Table:
    """Models, and the controls below them under the name of the control."""
    controls = tables["controls"]
    networks = controls["architecture"].where(controls["control"] == "untrained")
    named = controls["control"] + (" " + networks).fillna("")
    table = pd.concat([tables["gini"], controls.assign(model=named)])
    cells = [
        f"{mean:.3f} [{low:.3f}, {high:.3f}]"
        for mean, low, high in table[["mean", "low", "high"]].itertuples(index=False)
    ]
    return _wide(table.assign(cell=cells), "measure")


def _differences(table: pd.DataFrame) -> Table:
    cells = [
        f"{100 * mean:+.1f} [{100 * low:+.1f}, {100 * high:+.1f}]"
        for mean, low, high in table[["difference", "low", "high"]].itertuples(index=False)
    ]
    return _wide(table.assign(cell=cells), "setting")


def _rates(table: pd.DataFrame) -> Table:
    keys = ["model", "method", "setting"]
    wide = table.pivot(index=keys, columns="where", values="error_rate")
    wide = wide[places_in(wide)]
    wide = wide.loc[list(dict.fromkeys(table[keys].itertuples(index=False, name=None)))]
    cells = [" | ".join(f"{100 * rate:.1f}" for rate in rates) for rates in wide.to_numpy()]
    return _wide(wide.reset_index()[keys].assign(cell=cells), "setting")


def _robustness(table: pd.DataFrame) -> dict[str, Any]:
    """Also where an attack has missed what a weaker one found; empty where no model is attacked."""
    if table.empty:
        return {}
    rows, missed = [], []
    for (model, budget), group in table.groupby(["model", "budget"], sort=False):
        first = group.iloc[0]
        rates = group.set_index("attack")[["accuracy", "low", "high"]]
        cells = [
            f"{accuracy:.1f} [{low:.1f}, {high:.1f}]"
            for accuracy, low, high in 100 * rates.loc[list(ATTACKS)].to_numpy()
        ]
        rows.append((model, budget, first["norm"], f"{first['epsilon']:.4g}", *cells))
        missed += [] if first["consistent"] else [f"{model} ({budget})"]
    header = ("model", "budget", "norm", "ε", *ATTACKS)
    return {"images": table["images"].max(), "header": header, "rows": rows, "missed": missed}


def _wide(table: pd.DataFrame, column: str) -> Table:
    """One row a model and method, one column a value of `column`."""
    wide = table.pivot(index=["model", "method"], columns=column, values="cell")
    columns = list(dict.fromkeys(table[column]))
    return ("model", "method", *columns), [(*key, *wide.loc[key, columns]) for key in maps_of(table)]
