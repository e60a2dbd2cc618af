"""What the report shows and in which order: sections of figures and tables, and what to see in each table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ineq.paper.deviations import DEVIATIONS

SHORT = 30  # rows up to which a table is open when the page opens


@dataclass(frozen=True)
class Section:
    """A heading with the names of its figures and tables."""

    id: str
    title: str
    figures: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


SECTIONS = (
    Section("verdict", "Models under audit", (), ("verdict",)),
    Section("models", "Models", (), ("models", "robustness")),
    Section("inequality", "Inequality", ("gini", "lorenz", "maps"), ("gini", "controls")),
    Section("noise", "Noise", ("noise",), ("noise",)),
    Section("occlusion", "Occlusion", ("surface", "examples", "fragility"), ("occlusion",)),
    Section("comparisons", "Comparisons", (), ("contrasts", "attacks", "pairs", "families")),
    Section("paper", "The paper's claims", (), ("claims", "numbers", "sensitivity")),
    Section("deviations", "Deviations", (), ("deviations",)),
    Section("made", "How it was made", (), ("parameters", "cards", "packages")),
)
NOTES = {
    "verdict": (
        "Each beside every other model",
        "Differences on the images that both are judged on, image by image, with their 95 % interval.",
    ),
    "models": (
        "The models of this study",
        "Accuracy is on the whole split; attacks are judged on those sampled images that a model gets right.",
    ),
    "gini": (
        "Inequality of maps",
        "Mean over images, standard deviation and 95 % interval. The further up, the fewer values carry the map.",
    ),
    "controls": (
        "Controls",
        "The same measures for an untrained network and for the input alone: training adds what is above.",
    ),
    "noise": (
        "Error under noise",
        "Share of judged images whose prediction changes, by where the noise is; sd over draws. Look how far "
        "`important` is above `random`.",
    ),
    "occlusion": (
        "Error under occlusion",
        "The same for squares, by budget and by the reading of Algorithm 1: `any` try up to the "
        "budget, or `fixed`, just it.",
    ),
    "robustness": (
        "Accuracy under attack",
        "On images drawn from the whole split; 95 % interval of Wilson. Consistent: AutoAttack ≤ PGD ≤ clean.",
    ),
    "contrasts": (
        "Guided minus random",
        "Error rate of the guided attack minus its random twin's; 95 % interval over images.",
    ),
    "attacks": (
        "Attacks of plug-ins",
        "Error rates: guided by the map, at random and on the least important places; difference: guided minus random, "
        "paired by image. 95 % intervals over images.",
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
    "numbers": (
        "The paper's numbers beside these",
        "Each number of the paper's text that this study has too: here with its 95 % interval, there, the difference.",
    ),
    "sensitivity": (
        "Open conventions",
        "Robust minus standard model under each; changes: another conclusion than under the study's own conventions.",
    ),
    "deviations": (
        "Where the paper is silent",
        "What the paper's text leaves open, and what is done here; a parameter's name says how to choose otherwise.",
    ),
    "parameters": ("Parameters", "All that this run was told to do; another value gives another run."),
    "cards": ("Model cards", "What each model is, and how it was trained or where it comes from."),
    "packages": ("Versions", "Packages that the recorded code imports, as the jobs' records name them."),
}


def note(name: str, tables: Mapping[str, pd.DataFrame]) -> str:
    """What to see in a table; of the contrasts how many guided attacks do better than chance, counted, not judged."""
    sentences = [NOTES[name][1]]
    for attack, rows in tables["contrasts"].groupby("attack", sort=False) if name == "contrasts" else ():
        above, below = int((rows["low"] > 0).sum()), int((rows["high"] < 0).sum())
        sentences.append(
            f"Of {len(rows)} comparisons for {attack} the interval lies above zero in {above}, below it in {below}, "
            f"and holds zero in {len(rows) - above - below}."
        )
    return " ".join(filter(None, sentences))


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
    """Parameters, cards, package versions and deviations as tables."""
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
