"""A made-up study in which everything is as the paper has it, unless told otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ineq.analysis.study_results import StudyResults
from ineq.attribution.names import METHOD
from ineq.sensitivity.names import DEFAULT, STATISTICS

GINI = {"standard": 0.60, "linf-2": 0.65, "linf-8": 0.72, "cut": 0.70, "l2": 0.61, "pruned": 0.60}


def card(epsilon: float, norm: str = "linf", cutout: int = 0, **others: Any) -> dict[str, Any]:
    training = {"norm": norm, "epsilon": epsilon / 255, "cutout": cutout}
    return {"architecture": {"name": "resnet18", "width": 16, "channels": 3}, "train": training, **others}


CARDS = {
    "standard": card(0, "none"),
    "linf-8": card(8),
    "linf-2": card(2),
    "cut": card(8, cutout=8),
    "l2": card(128, "l2"),
    "pruned": card(0, "none", pruning={"kind": "filters", "amount": 0.3}),
}


def gini_table(means: dict[str, float]) -> pd.DataFrame:
    rows = []
    for model, mean in means.items():
        for measure in ("gini_global", "gini_regional", "sparsity", "share_1", "share_5", "share_10"):
            value = {"model": model, "method": METHOD, "measure": measure, "mean": mean, "sd": 0.02}
            rows.append({**value, "low": mean - 0.005, "high": mean + 0.005, "images": 100})
    return pd.DataFrame(rows)


def contrasts(guided: dict[str, float]) -> pd.DataFrame:
    rows = []
    for model, rate in guided.items():
        outcome = {"model": model, "method": METHOD, "guided": rate, "random": rate / 2, "images": 100}
        outcome |= {"difference": rate / 2, "low": rate / 2 - 0.02, "high": rate / 2 + 0.02}
        for kind in ("additive", "replace"):
            for size in (10, 102):
                rows.append({**outcome, "attack": "noise", "setting": kind, "subpixels": size})
        for color in ("black", "gray", "white"):
            for count, radius in ((10, 4), (5, 2)):
                rows.append({**outcome, "attack": "occlusion", "setting": color, "count": count, "radius": radius})
    table = pd.DataFrame(rows)
    return table.assign(headline=(table["subpixels"] == 102) | (table["count"] == 10))


def pairs(table: pd.DataFrame, more: int) -> pd.DataFrame:
    """Every model but the first against it, `more` of 100 images falling on it alone."""
    rows = table[table["model"] != "standard"].assign(against="standard")
    rows = rows.assign(only_model=max(more, 0), only_against=max(-more, 0))
    return rows.assign(p_holm=0.001 if more else 1.0)


def transferred(there: float, back: float) -> pd.DataFrame:
    rows = []
    for source, target, rate in (("standard", "linf-8", there), ("linf-8", "standard", back)):
        for image in range(100):
            outcome = {"source": source, "target": target, "method": METHOD, "attack": "occlusion", "image": image}
            outcome |= {"setting": "black", "count": 10, "radius": 4, "subpixels": np.nan, "repeat": 0}
            right = {"source_right": 1, "source_fooled": 1, "target_right": 1, "fooled": int(image < 100 * rate)}
            rows.append(outcome | right)
    return pd.DataFrame(rows)


def sensitivity_rows(shift: float) -> pd.DataFrame:
    rng, rows = np.random.default_rng(0), []
    for model, up in (("standard", 0.0), ("linf-8", shift)):
        for variant, sign in ((DEFAULT, 1), ("turned", -1)):
            values = {name: rng.normal(0.5 + sign * up, 0.01, 40) for name in STATISTICS}
            about = {"model": model, "variant": variant, "image": np.arange(40), "label": np.arange(40) % 4}
            rows.append(pd.DataFrame(about | values))
    return pd.concat(rows, ignore_index=True)


def _by_criterion(rates: dict[str, float]) -> pd.DataFrame:
    """Black occlusion at the full budget, by all success criteria alike."""
    about = {"method": METHOD, "attack": "occlusion", "setting": "black", "where": "important", "images": 100}
    rows = [
        {
            **about,
            "count": 10,
            "radius": 4,
            "model": model,
            "criterion": criterion,
            "error_rate": rate,
            "headline": True,
        }
        for model, rate in rates.items()
        for criterion in ("any", "literal", "fixed")
    ]
    return pd.DataFrame(rows)


def found(gini: dict[str, float] | None = None, more: int = 20, there: float = 0.6, back: float = 0.2) -> StudyResults:
    """A study in which everything is as the paper has it, unless told otherwise."""
    means = GINI if gini is None else gini
    rates = contrasts({"standard": 0.3, "linf-2": 0.5, "linf-8": 0.6, "cut": 0.6, "l2": 0.5, "pruned": 0.3})
    accuracy = pd.DataFrame({"model": list(CARDS), "accuracy": 0.8, "images": 1000})
    names = np.array(["a", "b", "c", "d", "e"])
    split = pd.DataFrame({"label": np.arange(50) % 5, "prediction": np.arange(50) % 5})
    split = split.assign(gini_global=0.5 + split["label"] / 10, gini_regional=0.4 + split["label"] / 20)
    split["prediction"] = split["prediction"].where(np.arange(50) > 9, 0)
    classes = [split.assign(model=model, **{"class": names[split["label"]]}) for model in ("standard", "linf-8")]
    robust = {"model": "standard", "budget": "common", "attack": "pgd", "accuracy": 0.1, "low": 0.0, "high": 0.2}
    margins = pd.DataFrame({"model": np.repeat(["standard", "linf-8"], 40), "image": np.tile(np.arange(40), 2)})
    tables = {
        "models": accuracy,
        "gini": gini_table(means),
        "controls": pd.DataFrame(columns=["control", "architecture", "method", "measure", "mean", "sd", "images"]),
        "contrasts": rates,
        "pairs": pairs(rates, more),
        "attacks": _by_criterion({"standard": 0.3, "linf-8": 0.6}),
        "robustness": pd.DataFrame([{**robust, "images": 30}]),
        "transfer": transferred(there, back),
        "classes": pd.concat(classes),
        "margins": margins.assign(margin=np.tile(np.linspace(0, 4, 40), 2)),
        "sensitivity": sensitivity_rows(0.1),
        "zeros": pd.DataFrame([{"model": "pruned", "measure": "zero_filters", "here": 0.3}]),
    }
    return StudyResults(CARDS, tables)
