"""What the report shows and in which order: sections of figures and tables, and its facts as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ineq.paper.deviations import DEVIATIONS
from ineq.report.render import words
from ineq.statistics.conclusions import CONCLUSIONS, conclusion

SHORT = 30  # rows up to which a table is open when the page opens


@dataclass(frozen=True)
class Section:
    """Names of its figures and tables; its heading is in `templates/page.html.j2`."""

    id: str
    figures: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


SECTIONS = (
    Section("verdict", (), ("verdict",)),
    Section("models", (), ("models", "robustness")),
    Section("inequality", ("gini", "lorenz", "maps"), ("gini", "controls")),
    Section("attacks", ("attacks", "noise", "surface", "examples", "fragility"), ("attacks",)),
    Section("comparisons", (), ("contrasts", "pairs", "families")),
    Section("paper", (), ("claims", "numbers", "sensitivity")),
    Section("deviations", (), ("deviations",)),
    Section("made", (), ("parameters", "cards", "packages")),
)


def note(name: str, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """A table's title and what to see in it: paragraphs, with numbers of the contrasts."""
    counts = {"counts": list(_counts(tables["contrasts"]))} if name == "contrasts" else {}
    return words("tables.j2", name, **counts)


def _counts(contrasts: pd.DataFrame) -> Iterator[tuple]:
    """By attack, how many intervals lie above zero, below it, or hold it."""
    for attack, rows in contrasts.groupby("attack", sort=False):
        counts = Counter(map(conclusion, rows["low"], rows["high"]))
        yield (str(attack), *(counts[name] for name in CONCLUSIONS))


def wide(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """A long attack table with the places of attack side by side; any other table as it is."""
    if name != "attacks":
        return table
    values = [column for column in ("error_rate", "sd") if column in table]
    left = {"error_rate", "sd", "where", "draws", "covered", "unchanged"}
    keys = [column for column in table if column not in left]
    pivoted = table.pivot(index=keys, columns="where", values=values)
    pivoted.columns = [where if value == "error_rate" else f"{value} {where}" for value, where in pivoted.columns]
    # In the table's order; a merge takes two empty cells for the same, which an index does not.
    merged = table[keys].drop_duplicates().merge(pivoted.dropna(axis=1, how="all").reset_index(), on=keys)
    return merged.reset_index(drop=True)


def facts(parameters: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> dict[str, pd.DataFrame]:
    """Parameters, cards, package versions and deviations as tables."""
    settings = [(key, shown(value)) for key, value in parameters.items() if not key.startswith("card.")]
    cards = {key.removeprefix("card."): value for key, value in parameters.items() if key.startswith("card.")}
    packages: dict[str, set[str]] = {}
    for record in records:
        for package, version in record["code"]["packages"].items():
            packages.setdefault(package, set()).add(version)
    versions = [(package, ", ".join(sorted(packages[package]))) for package in sorted(packages)]
    return {
        "parameters": pd.DataFrame(settings, columns=["parameter", "value"]),
        "cards": _cards(cards, parameters["models"]),
        "packages": pd.DataFrame(versions, columns=["package", "version"]),
        "deviations": pd.DataFrame(list(DEVIATIONS), columns=["matter", "here"]),
    }


def _cards(leaves: Mapping[str, Any], models: list[str]) -> pd.DataFrame:
    """One row a leaf, one column a model; a model's name may hold dots."""
    rows: dict[str, dict[str, str]] = {}
    for model in models:
        for key, value in leaves.items():
            if key.startswith(f"{model}."):
                rows.setdefault(key.removeprefix(f"{model}."), {})[model] = shown(value)
    return pd.DataFrame([{"card": key, **values} for key, values in rows.items()], columns=["card", *models])


def shown(value: Any) -> str:
    """A parameter's value for people."""
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, Mapping):
        return "(" + ", ".join(f"{key} {item}" for key, item in value.items()) + ")"
    return str(value)
