"""`data.h5`: the images and labels of a data set, split into training and test images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ineq.errors import InputError, refuse_unknown
from ineq.io.hdf5 import read_hdf5, write_hdf5

STAGE = "data"
SPLITS = ("train", "test")
WITHOUT = {
    "train": "no training images, which training needs: add them to the data set and rerun the stage 'data', or take"
    " every model as a file (`imports.models`) and set `eval.split` to test",
    "test": "no test images, which the log of a training and `eval.split: test` need: add them to the data set and"
    " rerun the stage 'data', or take every model as a file (`imports.models`) and set `eval.split` to train",
}
"""What to do about a data set that has only the other split."""


@dataclass(frozen=True)
class Dataset:
    """Images as they are stored, by split: uint8 (N, C, H, W) of 0 to `scale`, and labels int64 (N,).

    A pixel value in [0, 1] is stored / `scale`; `classes` names the label 0, 1, ….
    """

    images: Mapping[str, np.ndarray]
    labels: Mapping[str, np.ndarray]
    scale: int
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """One split as models see it: images float32 (N, C, H, W) in [0, 1], labels int64 (N,)."""

    images: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]


def write_dataset(path: Path, dataset: Dataset, parameters: Mapping[str, Any]) -> None:
    """Write a data set; `parameters` are those it was made with."""
    kinds = {"images": dataset.images, "labels": dataset.labels}
    datasets = {
        f"{split}/{kind}": values[split] for kind, values in kinds.items() for split in SPLITS if split in values
    }
    meaning = {"images": f"pixel value in [0, 1], times {dataset.scale}", "labels": "class"}
    units = {name: meaning[name.split("/")[1]] for name in datasets}
    attributes = {"scale": dataset.scale, "classes": list(dataset.classes)}
    write_hdf5(path, datasets, stage=STAGE, parameters=parameters, units=units, attributes=attributes)


def read_split(path: Path, split: str) -> Split:
    """Read one split, "train" or "test".

    Raises `InputError` when the data set has only the other one, or the file is not as `write_dataset` leaves it.
    """
    refuse_unknown("split", split, SPLITS)
    if len(splits := _splits(path)) == 1 and split not in splits:
        raise InputError(f"{path}: the data set has {WITHOUT[split]}")
    wanted = {f"{split}/images": ("uint8", 4), f"{split}/labels": ("int64", 1)}
    found, attributes = read_hdf5(path, stage=STAGE, datasets=wanted)
    images, labels = (found[name] for name in wanted)
    scale, classes = attributes["scale"], tuple(attributes["classes"])
    _check(f"{path}: split '{split}'", images, labels, scale, classes)
    return Split(images.astype(np.float32) / np.float32(scale), labels, classes)


def _splits(path: Path) -> set[str]:
    """The splits in the file; none if it is not this stage's, for `read_hdf5` to say what is wrong with it."""
    try:
        with h5py.File(path, "r") as file:
            return {split for split in SPLITS if split in file} if file.attrs.get("stage") == STAGE else set()
    except (OSError, RuntimeError, KeyError):
        return set()


def _check(where: str, images: np.ndarray, labels: np.ndarray, scale: int, classes: tuple[str, ...]) -> None:
    """Refuse images and labels that do not belong together, or leave their range."""
    rerun = f"rerun the stage '{STAGE}'"
    if not len(images) == len(labels) > 0:
        raise InputError(f"{where} has {len(images)} images and {len(labels)} labels, wanted one of each: {rerun}")
    if images.max() > scale:
        raise InputError(f"{where} has pixels up to {images.max()}, wanted at most {scale}: {rerun}")
    if labels.min() < 0 or labels.max() >= len(classes):
        found = f"labels from {labels.min()} to {labels.max()}"
        raise InputError(f"{where} has {found}, wanted 0 to {len(classes) - 1}: {rerun}")
