"""`noise.h5` and both kinds of `occlusion.h5`: what a model predicted under every attack and draw, image by image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ineq.data.samplefile import Sample
from ineq.errors import InputError
from ineq.io.hdf5 import read_hdf5, refuse_lengths, write_hdf5


def _occlusion(dimensions: Mapping[str, int]) -> dict[str, int]:
    """Dimensions of each group of arrays of occlusions on these regions."""
    return {"clean": 1} | {
        group: number
        for where, number in dimensions.items()
        for group in (f"{where}/", f"area/{where}", f"unchanged/{where}/")
    }


# Dimensions of each group of arrays; the image axis is the last one for noise, and before the grid for occlusion.
LAYOUT = {
    "noise": {"clean": 1, "important": 4, "least": 4, "random": 4},
    "occlusion": _occlusion({"important": 3, "least": 3}),
    "random_occlusion": _occlusion({"random": 4}),
}
GRID = {"colors": list, "count": int, "radius": int}
AXES = {"noise": {"kinds": list, "subpixels": list}, "occlusion": GRID, "random_occlusion": GRID}
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

    @property
    def judged(self) -> np.ndarray:
        """Images that the model classifies correctly before any attack, bool (N,)."""
        return self.predictions["clean"] == self.labels


def write_record(
    path: Path,
    stage: str,
    predictions: dict[str, np.ndarray],
    sample: Sample,
    axes: dict,
    parameters: Mapping[str, Any],
) -> None:
    """Write the predictions of an attacking stage, one of `LAYOUT`."""
    datasets = {**predictions, "labels": sample.labels, "indices": sample.indices}
    units = {name: _kind(name)[1] for name in datasets} | {"indices": "position in the split"}
    write_hdf5(path, datasets, stage=stage, parameters=parameters, units=units, attributes=axes)


def read_record(path: Path, stage: str) -> AttackRecord:
    """Read and check what `write_record` wrote."""
    wanted = {name: (_kind(name)[0], dimensions) for name, dimensions in LAYOUT[stage].items()}
    wanted |= {"labels": ("int64", 1), "indices": ("int64", 1)}
    found, axes = read_hdf5(path, stage=stage, datasets=wanted, attributes=AXES[stage])
    refuse_lengths(path, stage, {name: found[name] for name in ("clean", "labels", "indices")})
    return AttackRecord(found, found.pop("labels"), found.pop("indices"), axes)


def joined(stage: str, records: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The record of all images of those of some of them, in order; `stage` says where the images' axis is."""
    axis = -1 if stage == "noise" else -3
    return {
        name: np.concatenate([record[name] for record in records], axis=0 if name == "clean" else axis)
        for name in records[0]
    }


def with_twin(guided: AttackRecord, twin: AttackRecord) -> AttackRecord:
    """The occlusions of a model by one method's maps together with those on random regions, of the same images.

    Raises `InputError` where the two are not of the same images and budgets.
    """
    count = len(guided.indices)
    if not np.array_equal(guided.indices, twin.indices[:count]) or guided.axes != twin.axes:
        raise InputError(
            "occlusions are of other images or budgets than their random twin: rerun the stage that is old"
        )
    random = {name: values[..., :count, :, :] for name, values in twin.predictions.items() if name != "clean"}
    return replace(guided, predictions={**guided.predictions, **random})


def _kind(name: str) -> tuple[str, str]:
    """Type and unit of an array of the record."""
    return next((kind for start, kind in OTHERS.items() if name.startswith(start)), PREDICTION)
