"""The headline as Markdown."""

from __future__ import annotations

import pandas as pd

from ineq.attacks.budgets import ATTACKS
from ineq.attacks.names import WHERE
from ineq.data.sample import class_counts
from ineq.data.samplefile import Sample
from ineq.io.markdown import markdown_table
from ineq.tables.metrics import maps_of
from ineq.tables.rows import Settings

LISTED = 20
"""Classes that are named one by one."""
DIFFERENCE = "Most important minus random, in percentage points with the 95 % interval over images"


def markdown(tables: dict[str, pd.DataFrame], sample: Sample, settings: Settings) -> str:
    """A page with one table a question."""
    image, subpixels = sample.images.shape[1:], settings.subpixels
    full = int(tables["occlusion"]["count"].max()), int(tables["occlusion"]["radius"].max())
    chance = full[1] >= max(image[1:])
    contrasts = tables["contrasts"]
    parts = [
        "## Models\n\n" + _models(tables["models"]) + "\n\n" + _classes(sample),
        "## Inequality of attribution maps (mean over images, with its 95 % interval)\n\n" + _gini(tables),
        f"## Error rate in % under noise on {subpixels} of {image[0] * image[1] * image[2]} values: "
        "most important | random | least important\n\n" + _noise(tables["noise"], subpixels),
        f"### {DIFFERENCE}\n\n" + _differences(contrasts[contrasts["subpixels"] == subpixels]),
    ]
    for budget in settings.budgets(*full):
        parts.append(_occlusion_part(tables["occlusion"], budget, chance and budget == full))
        parts.append(f"### {DIFFERENCE}\n\n" + _differences(contrasts[_at(contrasts, budget)]))
    if outside := settings.outside(*full):
        parts.append(f"Budgets of `tables.cells` outside the grid of {full}, left out: {', '.join(map(str, outside))}.")
    parts.append(_robustness_part(tables["robustness"]))
    return "\n\n".join(parts) + "\n"


def _models(table: pd.DataFrame) -> str:
    rows = [
        (row["model"], row["title"], f"{100 * row['accuracy']:.1f}", row["judged"]) for row in table.to_dict("records")
    ]
    return markdown_table(("model", "title", "accuracy in %", "sampled images judged"), rows)


def _classes(sample: Sample) -> str:
    counts = class_counts(sample.labels, len(sample.classes))
    if len(counts) > LISTED:
        seen = f"{(counts > 0).sum()} of {len(counts)} classes, at most {counts.max()} of one"
        return f"The {len(sample.labels)} sampled images are of {seen}."
    named = ", ".join(f"{name} {count}" for name, count in zip(sample.classes, counts, strict=True))
    return f"Images of each class among the {len(sample.labels)} sampled: {named}."


def _gini(tables: dict[str, pd.DataFrame]) -> str:
    """Models, and the controls below them under the name of the control."""
    controls = tables["controls"]
    networks = controls["architecture"].where(controls["control"] == "untrained")
    named = controls["control"] + (" " + networks).fillna("")
    table = pd.concat([tables["gini"], controls.assign(model=named)])
    cells = [
        f"{mean:.3f} [{low:.3f}, {high:.3f}]"
        for mean, low, high in table[["mean", "low", "high"]].itertuples(index=False)
    ]
    return _wide(table.assign(cell=cells), "measure", "cell")


def _differences(table: pd.DataFrame) -> str:
    cells = [
        f"{100 * mean:+.1f} [{100 * low:+.1f}, {100 * high:+.1f}]"
        for mean, low, high in table[["difference", "low", "high"]].itertuples(index=False)
    ]
    return _wide(table.assign(cell=cells), "setting", "cell")


def _at(table: pd.DataFrame, budget: tuple[int, int]) -> pd.Series:
    return (table["count"] == budget[0]) & (table["radius"] == budget[1])


def _rates(table: pd.DataFrame, column: str) -> str:
    keys = ["model", "method", column]
    wide = table.pivot(index=keys, columns="where", values="error_rate")[list(WHERE)]
    wide = wide.loc[list(dict.fromkeys(table[keys].itertuples(index=False, name=None)))]
    cells = [" | ".join(f"{100 * rate:.1f}" for rate in rates) for rates in wide.to_numpy()]
    return _wide(wide.reset_index()[keys].assign(cell=cells), column, "cell")


def _noise(table: pd.DataFrame, subpixels: int) -> str:
    return _rates(table[table["subpixels"] == subpixels], "kind")


def _occlusion_part(table: pd.DataFrame, budget: tuple[int, int], chance: bool) -> str:
    title = f"## Error rate in % under up to {budget[0]} occlusions of radius up to {budget[1]} "
    warning = "The largest squares cover the whole image: what remains is chance.\n\n" if chance else ""
    return (
        title + f"(any success)\n\n{warning}" + _rates(table[_at(table, budget) & (table["reading"] == "any")], "color")
    )


def _robustness_part(table: pd.DataFrame) -> str:
    """Also says where an attack has missed what a weaker one found."""
    if table.empty:
        return "## Accuracy under attack\n\nNo model is attacked: `robustness.models` is empty."
    title = (
        f"## Accuracy in % under attack, on {table['images'].max()} images of the evaluation split drawn at random, "
        "with its 95 % interval"
    )
    header, rows, missed = ("model", "budget", "norm", "ε", *ATTACKS), [], []
    for (model, budget), found in table.groupby(["model", "budget"], sort=False):
        first = found.iloc[0]
        rates = found.set_index("attack")[["accuracy", "low", "high"]]
        cells = [
            f"{accuracy:.1f} [{low:.1f}, {high:.1f}]"
            for accuracy, low, high in 100 * rates.loc[list(ATTACKS)].to_numpy()
        ]
        rows.append((model, budget, first["norm"], f"{first['epsilon']:.4g}", *cells))
        missed += [] if first["consistent"] else [f"{model} ({budget})"]
    order = "AutoAttack leaves at most as many images right as PGD, and PGD at most as many as no attack"
    said = f"{order}: not so for {', '.join(missed)}." if missed else f"{order}: so for every model and budget."
    return f"{title}\n\n{markdown_table(header, rows)}\n\n{said}"


def _wide(table: pd.DataFrame, column: str, cell: str) -> str:
    """One row a model and method, one column a value of `column`."""
    wide = table.pivot(index=["model", "method"], columns=column, values=cell)
    columns = list(dict.fromkeys(table[column]))
    return markdown_table(("model", "method", *columns), [(*key, *wide.loc[key, columns]) for key in maps_of(table)])
