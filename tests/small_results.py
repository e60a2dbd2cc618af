"""Results small enough to count by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ineq.attacks.recordfile import AttackRecord
from ineq.data.samplefile import Sample
from ineq.inequality.table import SHARES
from ineq.tables.read import Results
from ineq.tables.rows import Settings

LABELS = np.array([0, 1, 0, 1])
SETTINGS = Settings(subpixels=2)


def by(table: pd.DataFrame, *keys: str) -> Any:
    """The table by these columns; untyped, for what stands in a cell is of many types."""
    return table.set_index(list(keys))


def occlusion(grids: dict[str, list]) -> AttackRecord:
    """One colour, two counts, one radius; the last image is misclassified before any attack."""
    found: dict[str, Any] = {"clean": np.array([0, 1, 0, 0], np.int16)}
    for where, values in grids.items():
        found[f"{where}/black"] = np.array(values, np.int16)
        shape = found[f"{where}/black"].shape
        # One more region covers a quarter more; on the first image, no single square changes anything.
        found[f"area/{where}"] = np.broadcast_to(np.array([[0.25], [0.5]], np.float32), shape)
        found[f"unchanged/{where}/black"] = np.broadcast_to(np.eye(4, 2, dtype=bool)[..., None], shape)
    return AttackRecord(found, LABELS, np.arange(4), {"colors": ["black"], "count": 2, "radius": 1})


def card_of(title: str, norm: str, epsilon: float, **others: Any) -> dict[str, Any]:
    training = {"norm": norm, "epsilon": epsilon, "cutout": 0}
    return {"title": title, "family": title.lower(), "architecture": {"name": "net"}, "train": training, **others}


def results_of_one() -> Results:
    """One model, "m", of which three images are judged."""
    sample = Sample(np.zeros((4, 1, 2, 2), np.float32), LABELS, np.array([3, 0, 1, 2]), ("zero", "one"))
    card = card_of("A", "linf", 0.1)
    # Judged are the first three. Guided: image 0 falls at count 1 and stands at 2, image 1 at both, image 2 never.
    important = [[[1], [0]], [[0], [0]], [[0], [0]], [[0], [0]]]
    least = [[[0], [0]], [[1], [1]], [[0], [0]], [[1], [1]]]
    random = [[[[0], [1]], [[1], [1]], [[0], [0]], [[1], [1]]], [[[0], [0]], [[1], [1]], [[0], [0]], [[0], [0]]]]
    noise = {"clean": np.array([0, 1, 0, 0], np.int16)}
    for where, draws in {"important": 2, "least": 2, "random": 3}.items():
        noise[where] = np.tile(LABELS.astype(np.int16), (2, 1, draws, 1))
    noise["important"][1, 0, 0, 0] = 1  # one of three judged images, in one of two repeats, under replacing noise
    inequality = pd.DataFrame({"gini_global": [0.5, 0.7], "gini_regional": [0.2, np.nan], "sparsity": [1.0, 1.0]})
    inequality = inequality.assign(**dict.fromkeys(SHARES, 0.5))
    controls = inequality.assign(control=["input", "untrained"], architecture=["", "net"], method="ig")
    predictions = {"label": [1, 0, 1, 0, 1], "prediction": [1, 0, 0, 0, 0], "margin": [1.0, 2.0, 4.0, 6.0, 8.0]}
    return Results(
        {"m": card},
        sample,
        {"m": pd.DataFrame(predictions)},
        {"m/ig": inequality},
        {"m/ig": AttackRecord(noise, LABELS, np.arange(4), {"kinds": ["additive", "replace"], "subpixels": [2]})},
        {"m/ig": occlusion({"important": important, "least": least, "random": random})},
        controls.replace({"architecture": {"": np.nan}}),
    )


def results_of_two() -> Results:
    """The same beside a standard model on which no guided attack succeeds."""
    results, card = results_of_one(), card_of("B", "none", 0.0)
    still = {where: np.tile(LABELS.astype(np.int16), (2, 1, 2, 1)) for where in ("important", "least", "random")}
    noise = replace(results.noise["m/ig"], predictions={"clean": LABELS.astype(np.int16), **still})
    unmoved = np.broadcast_to(LABELS.astype(np.int16)[:, None, None], (4, 2, 1))
    grids = {"important": unmoved, "least": unmoved, "random": np.stack([unmoved] * 2)}
    covered = occlusion({where: grid.tolist() for where, grid in grids.items()})
    covered.predictions["clean"] = LABELS.astype(np.int16)
    return replace(
        results,
        cards={**results.cards, "s": card},
        predictions={**results.predictions, "s": results.predictions["m"]},
        inequality={**results.inequality, "s/ig": results.inequality["m/ig"]},
        noise={**results.noise, "s/ig": noise},
        occlusion={**results.occlusion, "s/ig": covered},
    )
