"""The gain over random of guided attacks, of the standard and the most robust model, or those under audit, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd

from ineq.statistics.conclusions import CONCLUSIONS, Interval, direction


class Gains(NamedTuple):
    """A table of texts and a sentence that counts its last column."""

    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    words: str


def gains(headline: pd.DataFrame, method: str, pair: Sequence[str]) -> Gains:
    """Models in the headline's rows of `contrasts`, by maps of a method, and how the last of them stands to the first.

    `pair` is two models or more.
    """
    rows, answers = [], {}
    for name, models_rows in _attacks(headline[headline["method"] == method], pair):
        cells = [cell for row in models_rows for cell in _rates(row)]
        first, *_, last = (Interval(row["difference"], row["low"], row["high"]) for row in models_rows)
        answers[name] = direction(first, last)
        rows.append((name, *cells, answers[name]))
    models = [cell for model in pair for cell in (f"{model}: guided, random", "difference")]
    return Gains(("error rate in %", *models, f"{pair[-1]} is"), rows, _words(pair, answers))


def _attacks(table: pd.DataFrame, pair: Sequence[str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each attack and setting that all of the pair were attacked with, by its name with the budget."""
    for (attack, setting), part in table.groupby(["attack", "setting"], sort=False):
        rows: Any = part.set_index("model").to_dict("index")
        if set(pair) <= set(rows):
            budget = {name: value for name, value in rows[pair[0]].items() if name in _axes(table) and pd.notna(value)}
            sizes = ", ".join(f"{value:g}" for value in budget.values())
            size = f"{sizes} values" if list(budget) == ["subpixels"] else f"({sizes})"
            yield f"{attack}, {setting}, {size}", [rows[model] for model in pair]


def _axes(table: pd.DataFrame) -> list[str]:
    """Columns of budgets: those between the setting and the rates."""
    columns = [str(column) for column in table]
    return columns[columns.index("setting") + 1 : columns.index("guided")]


def _words(pair: Sequence[str], answers: dict[str, str]) -> str:
    parts = []
    for answer in CONCLUSIONS:
        if names := [name for name, other in answers.items() if other == answer]:
            parts.append(f"{answer} in {len(names)} of {len(answers)} attacks ({'; '.join(names)})")
    return f"The gain over random is, for {pair[-1]} beside {pair[0]}: {', '.join(parts)}."


def _rates(row: dict[str, Any]) -> tuple[str, str]:
    difference, low, high = (100 * row[key] for key in ("difference", "low", "high"))
    return f"{100 * row['guided']:.1f}, {100 * row['random']:.1f}", f"{difference:+.1f} [{low:+.1f}, {high:+.1f}]"
