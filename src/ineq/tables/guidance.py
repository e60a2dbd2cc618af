"""What guidance adds to a random attack, for the standard and the most robust model, or one under audit, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd

from ineq.statistics.conclusions import CONCLUSIONS, Interval, direction
from ineq.tables.headline import headline_rows


class Guidance(NamedTuple):
    """A table of texts and a sentence that counts its last column."""

    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    words: str


def guidance(contrasts: pd.DataFrame, method: str, pair: Sequence[str], subpixels: int) -> Guidance:
    """Models at the headline budgets, by maps of a method, and how the last of them stands to the first."""
    rows, answers = [], {}
    for name, found in _headline(contrasts[contrasts["method"] == method], pair, subpixels):
        cells = [cell for row in found for cell in _rates(row)]
        first, *_, last = (Interval(row["difference"], row["low"], row["high"]) for row in found)
        answers[name] = direction(first, last)
        rows.append((name, *cells, answers[name]))
    models = [cell for model in pair for cell in (f"{model}: guided, random", "difference")]
    return Guidance(("error rate in %", *models, f"{pair[-1]} is"), rows, _words(pair, answers))


def _headline(table: pd.DataFrame, pair: Sequence[str], subpixels: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for (attack, setting), found in headline_rows(table, subpixels).groupby(["attack", "setting"], sort=False):
        rows: Any = found.set_index("model").to_dict("index")
        budget = rows[pair[0]]
        size = f"{subpixels} values" if attack == "noise" else f"({budget['count']:g}, {budget['radius']:g})"
        yield f"{attack}, {setting}, {size}", [rows[model] for model in pair]


def _words(pair: Sequence[str], answers: dict[str, str]) -> str:
    parts = []
    for answer in CONCLUSIONS:
        if names := [name for name, found in answers.items() if found == answer]:
            parts.append(f"{answer} in {len(names)} of {len(answers)} attacks ({'; '.join(names)})")
    return f"What guidance adds to a random attack is, for {pair[-1]} beside {pair[0]}: {', '.join(parts)}."


def _rates(row: dict[str, Any]) -> tuple[str, str]:
    difference, low, high = (100 * row[key] for key in ("difference", "low", "high"))
    return f"{100 * row['guided']:.1f}, {100 * row['random']:.1f}", f"{difference:+.1f} [{low:+.1f}, {high:+.1f}]"
