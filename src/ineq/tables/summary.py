"""The headline as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from ineq.data.sample import class_counts
from ineq.data.samplefile import Sample
from ineq.tables.build import WHERE
from ineq.tables.metrics import maps_of

Cells = Sequence[dict[str, int]]


def markdown(tables: dict[str, pd.DataFrame], sample: Sample, subpixels: int, cells: Cells) -> str:
    """A page with one table a question."""
    image = sample.images.shape[1:]
    count, radius = int(tables["occlusion"]["count"].max()), int(tables["occlusion"]["radius"].max())
    full = {"count": count, "radius": radius}
    inside = [cell for cell in cells if cell["count"] <= count and cell["radius"] <= radius and cell != full]
    outside = [cell for cell in cells if cell["count"] > count or cell["radius"] > radius]
    chance = radius >= max(image[1:])
    parts = [
        "## Models\n\n" + _models(tables["models"]) + "\n\n" + _classes(sample),
        "## Gini index of attribution maps (mean ± standard deviation over images)\n\n" + _gini(tables["gini"]),
        f"## Error rate in % under noise on {subpixels} of {image[0] * image[1] * image[2]} values: "
        "most important | random | least important\n\n" + _noise(tables["noise"], subpixels),
        *(_occlusion_part(tables["occlusion"], cell, chance and cell is full) for cell in [full, *inside]),
    ]
    if outside:
        names = ", ".join(f"({cell['count']}, {cell['radius']})" for cell in outside)
        parts.append(f"Budgets of `tables.cells` outside the grid of ({count}, {radius}), left out: {names}.")
    return "\n\n".join(parts) + "\n"


def _models(table: pd.DataFrame) -> str:
    rows = [
        (row["model"], row["title"], f"{100 * row['accuracy']:.1f}", row["judged"]) for row in table.to_dict("records")
    ]
    return markdown_table(("model", "title", "accuracy in %", "sampled images judged"), rows)


def _classes(sample: Sample) -> str:
    counts = class_counts(sample.labels, len(sample.classes))
    named = ", ".join(f"{name} {count}" for name, count in zip(sample.classes, counts, strict=True))
    return f"Images of each class among the {len(sample.labels)} sampled: {named}."


def _gini(table: pd.DataFrame) -> str:
    cells = [f"{mean:.3f} ± {sd:.3f}" for mean, sd in zip(table["mean"], table["sd"], strict=True)]
    return _wide(table.assign(cell=cells), "measure", "cell")


def _rates(table: pd.DataFrame, column: str) -> str:
    keys = ["model", "method", column]
    wide = table.pivot(index=keys, columns="where", values="error_rate")[list(WHERE)]
    wide = wide.loc[list(dict.fromkeys(table[keys].itertuples(index=False, name=None)))]
    cells = [r" \| ".join(f"{100 * rate:.1f}" for rate in rates) for rates in wide.to_numpy()]
    return _wide(wide.reset_index()[keys].assign(cell=cells), column, "cell")


def _noise(table: pd.DataFrame, subpixels: int) -> str:
    return _rates(table[table["subpixels"] == subpixels], "kind")


def _occlusion_part(table: pd.DataFrame, cell: dict[str, int], chance: bool) -> str:
    budget = (table["count"] == cell["count"]) & (table["radius"] == cell["radius"])
    title = f"## Error rate in % under up to {cell['count']} occlusions of radius up to {cell['radius']} "
    warning = "The largest squares cover the whole image: what remains is chance.\n\n" if chance else ""
    return title + f"(any success)\n\n{warning}" + _rates(table[budget & (table["reading"] == "any")], "color")


def _wide(table: pd.DataFrame, column: str, cell: str) -> str:
    """One row a model and method, one column a value of `column`."""
    wide = table.pivot(index=["model", "method"], columns=column, values=cell)
    columns = list(dict.fromkeys(table[column]))
    return markdown_table(("model", "method", *columns), [(*key, *wide.loc[key, columns]) for key in maps_of(table)])


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
