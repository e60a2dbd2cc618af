"""Made-up findings of a small study, for tests of figures and report: heavier tails of maps for larger ε."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ineq.attacks.recordfile import AttackRecord
from ineq.data.samplefile import Sample
from ineq.figures.read import Findings
from ineq.gallery.build import Attacks
from ineq.inequality.measures import gini
from ineq.tables.verdict import COLUMNS

SUBPIXELS = [1, 4]
METHOD, IMAGES, COLORS, COUNT, RADIUS = "integrated_gradients", 24, ("black", "white"), 3, 2


def findings(epsilons: tuple[float, ...] = (0.0, 0.1, 0.3), channels: int = 1, rate: float = 0.3) -> Findings:
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
    tables |= {"noise": _noise(names, rate), "occlusion": _occlusion(names, rate)}
    # Nothing is under audit.
    tables["verdict"] = pd.DataFrame(columns=list(COLUMNS))
    records = {key: _record(rng, labels, rate) for key in maps}
    sample = Sample(images, labels, np.arange(IMAGES), ("zero", "one", "two"))
    return Findings(tables, sample, maps, inequality, records, 2, "signed")


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
    return pd.DataFrame({**columns, "accuracy": 0.9, "images": 50, "sampled": IMAGES, "judged": IMAGES})


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


def _noise(names: list[str], rate: float) -> pd.DataFrame:
    rows = [
        {
            "model": name,
            "method": METHOD,
            "kind": kind,
            "where": where,
            "subpixels": subpixels,
            "error_rate": share * rate,
        }
        for name in names
        for kind in ("additive", "replace")
        for where, share in (("important", 1.0), ("random", 0.5), ("least", 0.1))
        for subpixels in SUBPIXELS
    ]
    return pd.DataFrame(rows).assign(sd=0.01, draws=2, images=IMAGES)


def _occlusion(names: list[str], rate: float) -> pd.DataFrame:
    rows = [
        {
            "model": name,
            "method": METHOD,
            "color": color,
            "where": where,
            "count": n,
            "radius": r,
            "error_rate": share * rate,
        }
        for name in names
        for color in COLORS
        for where, share in (("important", 1.0), ("random", 0.5), ("least", 0.1))
        for n in range(1, COUNT + 1)
        for r in range(1, RADIUS + 1)
    ]
    return pd.DataFrame(rows).assign(reading="any", sd=0.01, draws=2, images=IMAGES)


def _record(rng: np.random.Generator, labels: np.ndarray, rate: float) -> AttackRecord:
    right = labels[:, None, None]
    grids = {
        f"important/{color}": np.where(rng.random((IMAGES, COUNT, RADIUS)) < rate, (right + 1) % 3, right).astype(
            np.int16
        )
        for color in COLORS
    }
    axes = {"colors": list(COLORS), "count": COUNT, "radius": RADIUS}
    return AttackRecord({"clean": labels.astype(np.int16), **grids}, labels, np.arange(IMAGES), axes)


def attacks(found: Findings, rate: float = 0.3) -> Attacks:
    """Records of noise and of random occlusions to these findings; `rate` is about the share that succeeds."""
    rng = np.random.default_rng(1)
    labels = found.sample.labels

    def predictions(*shape: int) -> np.ndarray:
        """Of the right class or the next one, the images along the first axis."""
        wrong = rng.random((len(labels), *shape)) < rate
        return (labels.reshape(-1, *(1 for _ in shape)) + wrong).astype(np.int16) % 3

    noise, random = {}, {}
    for model in found.models:
        clean, axes = labels.astype(np.int16), {"kinds": ["additive", "replace"], "subpixels": SUBPIXELS}
        tries = {where: np.moveaxis(predictions(2, 2, 3), 0, -1) for where in ("important", "least", "random")}
        noise[found.by(model)] = AttackRecord({"clean": clean, **tries}, labels, found.sample.indices, axes)
        grids = {f"random/{color}": np.moveaxis(predictions(2, COUNT, RADIUS), 0, 1) for color in COLORS}
        own = found.occlusion[found.by(model)].axes
        random[model] = AttackRecord({"clean": clean, **grids}, labels, found.sample.indices, own)
    channels = found.sample.images.shape[1]
    return Attacks(noise, random, {"seed": 0, "clip": True, "mean": [0.4] * channels, "std": [0.3] * channels})
