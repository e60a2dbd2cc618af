"""`data.h5`: the images and labels of a data set, split into training and test images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ineq.data.index import FileIndex, ImageFiles, to_bytes, to_names
from ineq.errors import InputError, refuse_unknown
from ineq.extras import extra
from ineq.io.checksum import checksum_error
from ineq.io.hdf5 import read_hdf5, refuse_lengths, write_hdf5

with extra("workflow", "an HDF5 file"):
    import h5py

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
    """One split as models see it: images float32 (N, C, H, W) in [0, 1], labels int64 (N,).

    Images of an index are decoded when they are taken.
    """

    images: np.ndarray | ImageFiles
    labels: np.ndarray
    classes: tuple[str, ...]


def write_dataset(path: Path, dataset: Dataset | FileIndex, parameters: Mapping[str, Any]) -> None:
    """Write a data set, or an index of one; `parameters` are those it was made with."""
    if isinstance(dataset, FileIndex):
        _write_index(path, dataset, parameters)
        return
    kinds = {"images": dataset.images, "labels": dataset.labels}
    datasets = {
        f"{split}/{kind}": values[split] for kind, values in kinds.items() for split in SPLITS if split in values
    }
    meaning = {"images": f"pixel value in [0, 1], times {dataset.scale}", "labels": "class"}
    units = {name: meaning[name.split("/")[1]] for name in datasets}
    attributes = {"scale": dataset.scale, "classes": list(dataset.classes)}
    write_hdf5(path, datasets, stage=STAGE, parameters=parameters, units=units, attributes=attributes)


def _write_index(path: Path, index: FileIndex, parameters: Mapping[str, Any]) -> None:
    datasets: dict[str, np.ndarray] = {}
    for split, names in index.names.items():
        datasets |= {f"{split}/files": to_bytes(names), f"{split}/sha256": index.sums[split]}
        datasets[f"{split}/labels"] = index.labels[split]
    meaning = {"files": "path below the data set's folder, UTF-8", "sha256": "of the file", "labels": "class"}
    units = {name: meaning[name.split("/")[1]] for name in datasets}
    about = {"root": str(index.root), "shape": list(index.shape), "resize": index.resize, "classes": [*index.classes]}
    write_hdf5(path, datasets, stage=STAGE, parameters=parameters, units=units, attributes=about)


def read_split(path: Path, split: str) -> Split:
    """Read one split, "train" or "test".

    Raises `InputError` when the data set has only the other one, or the file is not as `write_dataset` leaves it.
    """
    refuse_unknown("split", split, SPLITS)
    names = _names(path)
    splits = {name.split("/")[0] for name in names}
    if len(splits) == 1 and split not in splits:
        raise InputError(f"{path}: the data set has {WITHOUT[split]}")
    if f"{split}/files" in names:
        return _read_index(path, split)
    datasets = {f"{split}/images": ("uint8", 4), f"{split}/labels": ("int64", 1)}
    arrays, attributes = read_hdf5(path, stage=STAGE, datasets=datasets, attributes={"scale": int, "classes": list})
    images, labels = (arrays[name] for name in datasets)
    scale, classes = attributes["scale"], tuple(attributes["classes"])
    _check(f"{path}: split '{split}'", images, labels, scale, classes)
    return Split(images.astype(np.float32) / np.float32(scale), labels, classes)


def _read_index(path: Path, split: str) -> Split:
    datasets = {f"{split}/files": ("uint8", 2), f"{split}/sha256": ("uint8", 2), f"{split}/labels": ("int64", 1)}
    kinds = {"root": str, "shape": list, "resize": int, "classes": list}
    arrays, about = read_hdf5(path, stage=STAGE, datasets=datasets, attributes=kinds)
    refuse_lengths(path, STAGE, arrays)
    names, sums, labels = (arrays[name] for name in datasets)
    images = ImageFiles(Path(about["root"]), to_names(names), sums, tuple(about["shape"]), about["resize"])
    return Split(images, labels, tuple(about["classes"]))


def relabelled(split: Split, labels: np.ndarray) -> Split:
    """The same images with other labels (N,), whose classes may be more than there are names for."""
    more = range(len(split.classes), int(labels.max()) + 1)
    return Split(split.images, labels.astype(np.int64), (*split.classes, *(f"class {number}" for number in more)))


def _names(path: Path) -> set[str]:
    """What is in the file; nothing if it is not this stage's, for `read_hdf5` to say what is wrong with it."""
    if checksum_error(path):
        return set()
    try:
        with h5py.File(path, "r") as file:
            splits = [split for split in SPLITS if split in file] if str(file.attrs.get("stage")) == STAGE else []
            return {f"{split}/{name}" for split in splits for name in file[split]}  # pyright: ignore
    # As `read_hdf5` says, a broken file raises anything.
    except Exception:
        return set()


def _check(where: str, images: np.ndarray, labels: np.ndarray, scale: int, classes: tuple[str, ...]) -> None:
    """Refuse images and labels that do not belong together, or leave their range."""
    rerun = f"rerun the stage '{STAGE}'"
    if not len(images) == len(labels) > 0:
        raise InputError(f"{where} has {len(images)} images and {len(labels)} labels, expected one of each: {rerun}")
    if scale < 1 or images.max() > scale:
        raise InputError(f"{where} has pixels up to {images.max()}, expected at most {scale}: {rerun}")
    if labels.min() < 0 or labels.max() >= len(classes):
        span = f"labels from {labels.min()} to {labels.max()}"
        raise InputError(f"{where} has {span}, expected 0 to {len(classes) - 1}: {rerun}")
