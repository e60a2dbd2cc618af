"""`sample.h5`: the sampled images that maps and attacks work on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ineq.data.dataset import Split
from ineq.io.hdf5 import read_hdf5, write_hdf5

STAGE = "sample"


@dataclass(frozen=True)
class Sample:
    """Images float32 (N, C, H, W) in [0, 1], labels int64 (N,), and their positions int64 (N,) in the split.

    The positions key every random draw on an image, so a bigger sample draws the same on the images it shares.
    """

    images: np.ndarray
    labels: np.ndarray
    indices: np.ndarray
    classes: tuple[str, ...]

    def first(self, count: int) -> Sample:
        """Its first `count` images, or all where it has no more: what a smaller sample would be."""
        rows = slice(count)
        return replace(self, images=self.images[rows], labels=self.labels[rows], indices=self.indices[rows])


def write_sample(path: Path, split: Split, indices: np.ndarray, parameters: Mapping[str, Any]) -> None:
    """Write the images of `split` at `indices`."""
    datasets = {"images": split.images[indices], "labels": split.labels[indices], "indices": indices}
    units = {"images": "pixel value in [0, 1]", "labels": "class", "indices": "position in the split"}
    attributes = {"classes": list(split.classes)}
    write_hdf5(path, datasets, stage=STAGE, parameters=parameters, units=units, attributes=attributes)


def read_sample(path: Path) -> Sample:
    """Read and check a sample."""
    wanted = {"images": ("float32", 4), "labels": ("int64", 1), "indices": ("int64", 1)}
    found, attributes = read_hdf5(path, stage=STAGE, datasets=wanted)
    return Sample(found["images"], found["labels"], found["indices"], tuple(attributes["classes"]))
