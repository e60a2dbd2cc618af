"""Made-up findings of a small study, for tests of figures and report: heavier tails of maps for larger ε."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from ineq.analysis.verdict import COLUMNS
from ineq.attacks.base import Attack
from ineq.attacks.names import BUDGET, BUDGET_TYPES, KINDS
from ineq.attacks.noise import Noise
from ineq.attacks.occlusion import Occlusion
from ineq.attacks.outcome import Outcome
from ineq.data.sample import Sample
from ineq.figures.read import FigureData
from ineq.inequality.measures import gini

SUBPIXELS = [1, 4]
METHOD, IMAGES, COLORS, COUNT, RADIUS = "integrated_gradients", 24, ("black", "white"), 3, 2


def findings(epsilons: tuple[float, ...] = (0.0, 0.1, 0.3), channels: int = 1, rate: float = 0.3) -> FigureData:
    """A study with one model for each ε; `rate` is about the share of guided attacks that succeed."""
    rng = np.random.default_rng(0)
    models = _models(epsilons)
    names = list(models["model"])
    images = rng.random((IMAGES, channels, 8, 8)).astype(np.float32)
    labels = np.arange(IMAGES) % 3
    maps = {f"{name}/{METHOD}": rng.standard_normal(images.shape) ** (1 + 2 * i) for i, name in enumerate(names)}
    maps = {key: values.astype(np.float32) for key, values in maps.items()}
    inequality = {key: pd.DataFrame({"gini_global": gini(values, axis=(1, 2, 3))}) for key, values in maps.items()}
    tables = {"models": models, "gini": _gini(names, inequality), "controls": _controls()}
    tables |= {"attacks": _attacks(names, rate)}
    # Nothing is under audit.
    tables["verdict"] = pd.DataFrame(columns=list(COLUMNS))
    tried = {key: outcomes(rng, labels, channels, rate) for key in maps}
    sample = Sample(images, labels, np.arange(IMAGES), ("zero", "one", "two"))
    cards = {name: _card(epsilon) for name, epsilon in zip(names, epsilons, strict=True)}
    return FigureData(cards, tables, sample, maps, inequality, tried)


def _card(epsilon: float) -> dict[str, Any]:
    training = {"norm": "linf" if epsilon else "none", "epsilon": epsilon, "cutout": 0}
    return {"architecture": {"name": "resnet8"}, "train": training}


def _models(epsilons: tuple[float, ...]) -> pd.DataFrame:
    names = ["standard" if not epsilon else f"linf-{epsilon:g}" for epsilon in epsilons]
    norms = ["linf" if epsilon else "none" for epsilon in epsilons]
    columns = {
        "model": names,
        "title": "a <b>title</b>",
        "family": names,
        "norm": norms,
        "epsilon": epsilons,
        "series": True,
    }
    return pd.DataFrame({**columns, "accuracy": 0.9, "images": 50, "sampled": IMAGES, "evaluated": IMAGES})


def _gini(names: list[str], inequality: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = []
    for name in names:
        values = inequality[f"{name}/{METHOD}"]["gini_global"]
        for measure in ("gini_global", "gini_regional"):
            row = {"model": name, "method": METHOD, "measure": measure, "mean": values.mean(), "sd": values.std()}
            rows.append({**row, "low": values.mean() - 0.01, "high": values.mean() + 0.01, "images": IMAGES})
    return pd.DataFrame(rows)


def _controls() -> pd.DataFrame:
    row = {"control": "untrained", "architecture": "resnet8", "method": METHOD, "sd": 0.1, "images": IMAGES}
    means = {"gini_global": 0.5, "gini_regional": 0.4}
    return pd.DataFrame(
        [{**row, "measure": key, "mean": mean, "low": mean, "high": mean} for key, mean in means.items()]
    )


def _attacks(names: list[str], rate: float) -> pd.DataFrame:
    """Of noise and occlusion, more where the map says so, in the order of stage `tables`."""
    budgets = {
        "noise": (KINDS, [{"subpixels": size} for size in SUBPIXELS]),
        "occlusion": (COLORS, [{"count": n, "radius": r} for n in range(1, COUNT + 1) for r in range(1, RADIUS + 1)]),
    }
    rows = [
        {
            "model": name,
            "method": METHOD,
            "attack": attack,
            "setting": setting,
            **dict.fromkeys(BUDGET, None),
            **budget,
            "where": where,
            "criterion": "fixed" if attack == "noise" else "any",
            "error_rate": share * rate,
            "headline": budget == every[-1],
        }
        for name in names
        for attack, (settings, every) in budgets.items()
        for setting in settings
        for where, share in (("important", 1.0), ("random", 0.5), ("least", 0.1))
        for budget in every
    ]
    return pd.DataFrame(rows).astype(BUDGET_TYPES).assign(sd=0.01, draws=2, images=IMAGES)


def outcomes(rng: np.random.Generator, labels: np.ndarray, channels: int, rate: float) -> dict[str, Outcome]:
    """By attack; `rate` is about the share of tries that succeed."""
    attacks = (
        Noise(subpixels=SUBPIXELS, repeats=3),
        Occlusion(count=COUNT, radius=RADIUS, colors=COLORS, region=2),
    )
    return {attack.name: _outcome(attack, rng, labels, channels, rate) for attack in attacks}


def _outcome(attack: Attack, rng: np.random.Generator, labels: np.ndarray, channels: int, rate: float) -> Outcome:
    budgets = {axis: list(values) for axis, values in attack.budgets.items()}
    grid = [len(values) for values in budgets.values()]
    draws = {"important": attack.repeats, "least": attack.repeats, "random": 2}
    shapes = {where: (len(attack.settings), *grid, number, IMAGES) for where, number in draws.items()}
    wrong = {where: rng.random(shape) < rate for where, shape in shapes.items()}
    return Outcome(
        attack=attack.name,
        options=asdict(attack),  # type: ignore[call-overload]
        seed=0,
        space={"mean": [0.4] * channels, "std": [0.3] * channels},
        settings=list(attack.settings),
        budgets=budgets,
        criteria=list(attack.criteria),
        clean=labels.astype(np.int16),
        labels=labels,
        indices=np.arange(IMAGES),
        prediction={where: ((labels + values) % 3).astype(np.int16) for where, values in wrong.items()},
        covered={where: np.zeros(shape[1:], np.float32) for where, shape in shapes.items()},
        unchanged={where: np.zeros(shape, bool) for where, shape in shapes.items()},
    )


def grid(found: FigureData, model: str, where: str = "important") -> np.ndarray:
    """Predictions (count, radius, draws, images) under the occlusions shown, to be written to."""
    outcome = found.outcomes[found.by(model)]["occlusion"]
    return outcome.prediction[where][list(outcome.settings).index(found.color)]
