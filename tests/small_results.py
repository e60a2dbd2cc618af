"""Results small enough to count by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ineq.analysis.results import Results
from ineq.analysis.rows import Settings
from ineq.attacks.criteria import CRITERIA
from ineq.attacks.outcome import Outcome
from ineq.data.sample import Sample
from ineq.inequality.table import SHARES

LABELS = np.array([0, 1, 0, 1])
SETTINGS = Settings(subpixels=2)
DRAWS = {"important": 2, "least": 2, "random": 3}


def by(table: pd.DataFrame, *keys: str) -> Any:
    """The table by these columns; untyped, for what stands in a cell is of many types."""
    return table.set_index(list(keys))


CLEAN = np.array([0, 1, 0, 0], np.int16)
"""The last image is misclassified before any attack."""


def outcome_of(attack: str, settings: list[str], budgets: dict[str, list[int]], criteria: tuple[str, ...]) -> Outcome:
    """An outcome in which no prediction is there yet."""
    about = {"options": {}, "seed": 0, "space": {}, "settings": settings, "budgets": budgets, "criteria": criteria}
    return Outcome(
        attack, **about, clean=CLEAN, labels=LABELS, indices=np.arange(4), prediction={}, covered={}, unchanged={}
    )


def occlusion(grids: dict[str, list]) -> Outcome:
    """One colour, two counts, one radius; `grids` are (draws, images, counts), or without draws (images, counts)."""
    outcome = outcome_of("occlusion", ["black"], {"count": [1, 2], "radius": [1]}, CRITERIA)
    prediction, covered, unchanged = {}, {}, {}
    for where, values in grids.items():
        by_draw = np.array(values, np.int16).reshape(-1, 4, 2)
        # (settings, counts, radii, draws, images)
        prediction[where] = by_draw.transpose(2, 0, 1)[None, :, None]
        # One more region covers a quarter more; on the first image, no single square changes anything.
        grid = prediction[where].shape[1:]
        covered[where] = np.broadcast_to(np.array([0.25, 0.5], np.float32).reshape(2, 1, 1, 1), grid)
        unchanged[where] = np.broadcast_to(np.eye(4, 2, dtype=bool).T[:, None, None], (1, *grid))
    return replace(outcome, prediction=prediction, covered=covered, unchanged=unchanged)


def noise(prediction: dict[str, np.ndarray], clean: np.ndarray = CLEAN) -> Outcome:
    """Both kinds on two values; predictions are (kinds, draws, images)."""
    outcome = outcome_of("noise", ["additive", "replace"], {"subpixels": [2]}, ("fixed",))
    predictions = {where: values[:, None] for where, values in prediction.items()}
    covered = {where: np.full(values.shape[1:], 0.5, np.float32) for where, values in predictions.items()}
    unchanged = {where: np.zeros(values.shape, bool) for where, values in predictions.items()}
    return replace(outcome, clean=clean, prediction=predictions, covered=covered, unchanged=unchanged)


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
    tries = {where: np.tile(LABELS.astype(np.int16), (2, draws, 1)) for where, draws in DRAWS.items()}
    tries["important"][1, 0, 0] = 1  # one of three judged images, in one of two repeats, under replacing noise
    inequality = pd.DataFrame({"gini_global": [0.5, 0.7], "gini_regional": [0.2, np.nan], "sparsity": [1.0, 1.0]})
    inequality = inequality.assign(**dict.fromkeys(SHARES, 0.5))
    controls = inequality.assign(control=["input", "untrained"], architecture=["", "net"], method="ig")
    predictions = {"label": [1, 0, 1, 0, 1], "prediction": [1, 0, 0, 0, 0], "margin": [1.0, 2.0, 4.0, 6.0, 8.0]}
    return Results(
        {"m": card},
        {},
        sample,
        {"m": pd.DataFrame(predictions)},
        {"m/ig": inequality},
        {
            "m/ig": {
                "noise": noise(tries),
                "occlusion": occlusion({"important": important, "least": least, "random": random}),
            }
        },
        controls.replace({"architecture": {"": np.nan}}),
    )


def results_of_two() -> Results:
    """The same beside a standard model on which no guided attack succeeds."""
    results, card = results_of_one(), card_of("B", "none", 0.0)
    clean = LABELS.astype(np.int16)
    still = {where: np.tile(clean, (2, 2, 1)) for where in DRAWS}
    unmoved = np.broadcast_to(clean[:, None], (4, 2)).tolist()
    squares = occlusion({"important": unmoved, "least": unmoved, "random": [unmoved] * 2})
    standard = {"noise": noise(still, clean), "occlusion": replace(squares, clean=clean)}
    return replace(
        results,
        cards={**results.cards, "s": card},
        predictions={**results.predictions, "s": results.predictions["m"]},
        inequality={**results.inequality, "s/ig": results.inequality["m/ig"]},
        attacks={**results.attacks, "s/ig": standard},
    )
