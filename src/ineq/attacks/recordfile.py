"""`noise.h5` and `occlusion.h5`: what a model predicted under every attack, budget and draw, image by image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ineq.data.samplefile import Sample
from ineq.io.hdf5 import read_hdf5, write_hdf5

# Dimensions of each group of arrays; the image axis is the last one for noise, and before the grid for occlusion.
LAYOUT = {
    "noise": {"clean": 1, "important": 4, "least": 4, "random": 4},
    "occlusion": {"clean": 1}
    | {
        f"{group}{where}": dimensions
        for where, dimensions in {"important": 3, "least": 3, "random": 4}.items()
        for group, where in (("", f"{where}/"), ("area/", where), ("unchanged/", f"{where}/"))
    },
}
# What is no prediction, by the beginning of its name: type and unit.
OTHERS = {"area/": ("float32", "share of pixels"), "unchanged/": ("bool", "true where no pixel changes")}
PREDICTION = ("int16", "class")


@dataclass(frozen=True)
class AttackRecord:
    """Predictions by name (of occlusions, area and change too), labels and positions int64 (N,), the axes' values."""

    predictions: dict[str, np.ndarray]
    labels: np.ndarray
    indices: np.ndarray
    axes: dict[str, Any]


def write_record(
    path: Path,
    stage: str,
    predictions: dict[str, np.ndarray],
    sample: Sample,
    axes: dict,
    parameters: Mapping[str, Any],
) -> None:
    """Write the predictions of stage `noise` or `occlusion`."""
    datasets = {**predictions, "labels": sample.labels, "indices": sample.indices}
    units = {name: _kind(name)[1] for name in datasets} | {"indices": "position in the split"}
    write_hdf5(path, datasets, stage=stage, parameters=parameters, units=units, attributes=axes)


def read_record(path: Path, stage: str) -> AttackRecord:
    """Read and check what `write_record` wrote."""
    wanted = {name: (_kind(name)[0], dimensions) for name, dimensions in LAYOUT[stage].items()}
    found, axes = read_hdf5(path, stage=stage, datasets={**wanted, "labels": ("int64", 1), "indices": ("int64", 1)})
    return AttackRecord(found, found.pop("labels"), found.pop("indices"), axes)


def _kind(name: str) -> tuple[str, str]:
    """Type and unit of an array of the record."""
    return next((kind for start, kind in OTHERS.items() if name.startswith(start)), PREDICTION)
