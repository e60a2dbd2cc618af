"""What the report says and in which order: sections of figures and tables, and the sentences above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

SHORT = 30  # rows up to which a table is open when the page opens


@dataclass(frozen=True)
class Section:
    """A heading with the names of its figures and tables."""

    id: str
    title: str
    figures: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


SECTIONS = (
    Section("models", "Models", (), ("models", "robustness")),
    Section("inequality", "Inequality", ("gini", "lorenz", "maps"), ("gini", "controls")),
    Section("noise", "Noise", ("noise",), ("noise",)),
    Section("occlusion", "Occlusion", ("surface", "examples", "fragility"), ("occlusion",)),
    Section("comparisons", "Comparisons", (), ("contrasts", "pairs", "families")),
    Section("paper", "The paper's claims", (), ("claims", "sensitivity")),
    Section("made", "How it was made", (), ("parameters", "cards", "packages")),
)
NOTES = {
    "models": (
        "Models",
        "Accuracy is on the whole split; attacks are judged on those sampled images that a model gets right.",
    ),
    "gini": ("Inequality of maps", "Mean over images, standard deviation and 95 % interval."),
    "controls": ("Controls", "The same measures for an untrained network and for the input alone."),
    "noise": (
        "Error under noise",
        "Share of judged images whose prediction changes, by where the noise is; sd over draws.",
    ),
    "occlusion": ("Error under occlusion", "The same for squares, by budget and by the reading of Algorithm 1."),
    "robustness": (
        "Accuracy under attack",
        "On images drawn from the whole split; 95 % interval of Wilson. Consistent: AutoAttack ≤ PGD ≤ clean.",
    ),
    "contrasts": (
        "Guided minus random",
        "Error rate of the guided attack minus its random twin's; 95 % interval over images.",
    ),
    "pairs": (
        "Two models on the same images",
        "Images that fool only one of both; exact McNemar, with Holm over the table.",
    ),
    "families": ("Families", "Over training seeds, where a family of models has several."),
    "claims": (
        "Claims of the paper",
        "What decides each, and the verdict on these checkpoints. Undecided: tested, but within the interval.",
    ),
    "sensitivity": (
        "Open conventions",
        "Robust minus standard model under each; changes: another conclusion than under the study's own conventions.",
    ),
    "parameters": ("Parameters", ""),
    "cards": ("Model cards", ""),
    "packages": ("Versions", "Packages that the recorded code imports, as the jobs' records name them."),
}


def lead(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """What this run is, and what it says, whichever way."""
    models, gini = tables["models"], tables["gini"]
    methods = gini["method"].nunique()
    scale = (
        f"{len(models)} models, {int(models['sampled'].max())} sampled images, {methods} attribution "
        f"method{'s' * (methods > 1)}. Accuracy from {100 * models['accuracy'].min():.1f} to "
        f"{100 * models['accuracy'].max():.1f} %."
    )
    return [scale, *(_verdict(tables["contrasts"]) if len(tables["contrasts"]) else [])]


def _verdict(contrasts: pd.DataFrame) -> list[str]:
    """How many guided attacks do better than chance: counted, not judged."""
    sentences = []
    for attack, rows in contrasts.groupby("attack", sort=False):
        above, below = int((rows["low"] > 0).sum()), int((rows["high"] < 0).sum())
        sentences.append(
            f"Guided {attack} against its random twin: of {len(rows)} comparisons (model, method, setting, budget) the "
            f"95 % interval of the difference in error rate lies above zero in {above}, below it in {below}, and holds "
            f"zero in {len(rows) - above - below}."
        )
    return sentences


def wide(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """A long attack table with the places of attack side by side; any other table as it is."""
    if name not in ("noise", "occlusion"):
        return table
    values = [column for column in ("error_rate", "sd") if column in table]
    left = {"error_rate", "sd", "where", "draws", "area", "unchanged"}
    keys = [column for column in table if column not in left]
    found = table.pivot(index=keys, columns="where", values=values)
    found = found.loc[list(dict.fromkeys(table[keys].itertuples(index=False, name=None)))].dropna(axis=1, how="all")
    found.columns = [where if value == "error_rate" else f"{value} {where}" for value, where in found.columns]
    return found.reset_index()


def facts(parameters: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> dict[str, pd.DataFrame]:
    """Parameters, cards and package versions as tables."""
    own = [(key, shown(value)) for key, value in parameters.items() if not key.startswith("card.")]
    cards = {key.removeprefix("card."): value for key, value in parameters.items() if key.startswith("card.")}
    found: dict[str, set[str]] = {}
    for record in records:
        for package, version in record["code"]["packages"].items():
            found.setdefault(package, set()).add(version)
    versions = [(package, ", ".join(sorted(found[package]))) for package in sorted(found)]
    return {
        "parameters": pd.DataFrame(own, columns=["parameter", "value"]),
        "cards": _cards(cards, parameters["models"]),
        "packages": pd.DataFrame(versions, columns=["package", "version"]),
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
