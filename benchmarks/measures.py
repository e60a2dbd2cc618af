"""The Gini index against Quantus, and against a loop over maps with numpy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import quantus  # pyright: ignore[reportMissingImports]
from timing import Row, compare
from torch import nn

from ineq.inequality.measures import gini

SHAPES = {(1000, 3, 32, 32): (1000, "≥ 100"), (1000, 3, 224, 224): (20, "≥ 10")}
"""Maps, and how many of them the others get: their time is taken for all."""
QUANTUS, LOOP = "Quantus' sparseness", "a loop with numpy"


def loop(maps: np.ndarray) -> list[float]:
    """The textbook formula, map by map."""
    found = []
    for values in maps:
        ordered = np.sort(np.abs(values).ravel())
        n = len(ordered)
        found.append(float(((2 * np.arange(1, n + 1) - n - 1) * ordered).sum() / (n * ordered.sum())))
    return found


def quantus_sparseness(maps: np.ndarray) -> list[float]:
    """What a user of Quantus writes; it asks for a model and images, and uses neither."""
    metric = quantus.Sparseness(abs=True, normalise=False, disable_warnings=True, display_progressbar=False)
    model = nn.Sequential(nn.Flatten(), nn.LazyLinear(2)).eval()
    labels = np.zeros(len(maps), np.int64)
    return metric(model=model, x_batch=maps, y_batch=labels, a_batch=maps.copy(), device="cpu", batch_size=64)


def rows() -> Iterator[Row]:
    """Both sizes of maps."""
    for shape, (part, wanted) in SHAPES.items():
        maps = np.random.default_rng(0).standard_normal(shape, dtype=np.float32)
        few = maps[:part]
        ours = gini(few, axis=(1, 2, 3))
        note = "; ".join(
            f"{name} differs by up to {np.abs(ours[:20] - np.array(call(few[:20]), dtype=float)).max():.1e}"
            for name, call in {QUANTUS: quantus_sparseness, LOOP: loop}.items()
        )
        yield from compare(
            "Gini",
            f"{shape[0]} maps of {'×'.join(map(str, shape[1:]))}",
            lambda maps=maps: gini(maps, axis=(1, 2, 3)),
            {QUANTUS: lambda few=few: quantus_sparseness(few), LOOP: lambda maps=maps: loop(maps)},
            rounds=3,
            share={QUANTUS: part / shape[0]},
            wanted={QUANTUS: wanted},
            note=note,
        )
