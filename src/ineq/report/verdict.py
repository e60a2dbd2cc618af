"""The verdict on a model under audit, in sentences: for the report, and for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ineq.attacks.names import ATTACK
from ineq.inequality.names import GINIS
from ineq.report.words import NOISE
from ineq.statistics.conclusions import COMPARED, CONCLUSIONS
from ineq.tables.verdict import UNTRAINED

MEASURED = dict(zip(GINIS, ("single values", "regions"), strict=True))


def verdict_lines(table: pd.DataFrame, models: pd.DataFrame) -> Iterator[tuple[str, list[str]]]:
    """Each audited model's name with its verdict, the shortest sentence first.

    `table` and `models` are `verdict.csv` and `models.csv` of stage `tables`. The first of the other models is what
    "standard" is in a study: the one with normal training.
    """
    for model, rows in table.groupby("model", sort=False):
        own = models[models["model"] == model].iloc[0]
        # By one method: the study's first that the model has maps by.
        rows = rows[rows["method"] == rows["method"].iloc[0]]
        details = [_accuracy(own), *_inequality(rows), *_fragility(rows)]
        yield str(model), [*_short(rows), *details]


def _short(rows: pd.DataFrame) -> Iterator[str]:
    """Beside the first of the others, in one sentence; nothing without others."""
    others = _others(rows)
    if others.empty:
        return
    first = others["against"].iloc[0]
    beside = others[others["against"] == first]
    gini = beside.loc[beside["measure"] == "gini_global", "conclusion"].iloc[0]
    of = beside[beside["measure"] == "guidance"]
    counts = [f"{name} in {(of['conclusion'] == name).sum()}" for name in CONCLUSIONS]
    yield (
        f"In short, beside {first}: its maps' inequality is {gini}; what an attack gains by knowing its most important "
        f"places is {', '.join(counts)} of {len(of)} attacks."
    )


def _accuracy(own: pd.Series) -> str:
    return (
        f"It is right on {100 * own['accuracy']:.1f} % of {own['images']} images, and judged on those "
        f"{own['judged']} of the {own['sampled']} sampled that it gets right."
    )


def _inequality(rows: pd.DataFrame) -> Iterator[str]:
    for measure, of in MEASURED.items():
        found = rows[rows["measure"] == measure]
        row = found.iloc[0]
        said = f"Gini index over {of}: {row['value']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"
        # What no training at all gives is where this scale begins, not 0.
        untrained = found.loc[found["against"] == UNTRAINED, "reference"]
        scale = [f"an untrained network of its architecture has {value:.3f}" for value in untrained]
        yield "; ".join(filter(None, [said, _beside(found, "{:.3f}"), *scale])) + "."


def _fragility(rows: pd.DataFrame) -> Iterator[str]:
    attacked = rows[rows["attack"].notna()]
    for _, found in attacked.groupby(list(ATTACK), sort=False, dropna=False):
        rate, guidance = (found[found["measure"] == measure] for measure in ("error_rate", "guidance"))
        first, owed = rate.iloc[0], guidance.iloc[0]
        fooled = filter(None, [f"{100 * first['value']:.0f} % of images are fooled", _beside(rate, "{:.0%}")])
        points = f"{100 * owed['value']:+.0f} points [{100 * owed['low']:+.0f}, {100 * owed['high']:+.0f}]"
        gained = filter(None, [f"{points} more than by as much on random places", _beside(guidance, "{:+.0%}")])
        yield f"{_attack(first)}: {'; '.join(fooled)}. That is {'; '.join(gained)}."


def _attack(row: pd.Series) -> str:
    if row["attack"] == "noise":
        return f"Noise {NOISE[str(row['setting'])]} its {int(row['subpixels'])} most important values"
    count, radius = int(row["count"]), int(row["radius"])
    return f"Up to {count} {row['setting']} squares of radius up to {radius} on its most important regions"


def _others(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows beside another trained model."""
    return rows[rows["against"].fillna("").ne("") & rows["against"].ne(UNTRAINED)]


def _beside(rows: pd.DataFrame, form: str) -> str:
    """`higher than a (0.60), lower than b (0.70)`: each by the interval of the paired difference; empty without."""
    others, parts = _others(rows), []
    for conclusion, words in COMPARED.items():
        found = others[others["conclusion"] == conclusion]
        named = ", ".join(f"{row.against} ({form.format(row.reference)})" for row in found.itertuples())
        parts += [f"{words} {named}"] if named else []
    return "; ".join(parts)
