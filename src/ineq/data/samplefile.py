"""`sample.h5`: the sampled images that maps and attacks work on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ineq.data.dataset import Split
from ineq.io.hdf5 import read_hdf5, refuse_lengths, write_hdf5
from ineq.io.rows import Large, Made, first, parts

STAGE = "sample"
AT_ONCE = 64
"""Images in memory when a sample is written."""


@dataclass(frozen=True)
class Sample:
    """Images float32 (N, C, H, W) in [0, 1], labels int64 (N,), and their positions int64 (N,) in the split.

    The positions key every random draw on an image, so a bigger sample draws the same on the images it shares.
    """

    images: Large
    labels: np.ndarray
    indices: np.ndarray
    classes: tuple[str, ...]

    def first(self, count: int) -> Sample:
        """Its first `count` images, or all where it has no more: what a smaller sample would be."""
        rows = slice(count)
        return replace(self, images=first(self.images, count), labels=self.labels[rows], indices=self.indices[rows])

    def name(self, label: int) -> str:
        """The name of a class; a model may know more of them than the data set."""
        return self.classes[label] if label < len(self.classes) else f"class {label}"

    def parts(self, size: int) -> Iterator[Part]:
        """All of it in order, up to `size` images at a time."""
        columns = (parts(column, size) for column in (self.images, self.labels, self.indices))
        for images, labels, indices in zip(*columns, strict=True):
            yield Part(images, labels, indices, self.classes)

    def parts_with(self, maps: Large, size: int) -> Iterator[tuple[Part, np.ndarray]]:
        """The same, each with the rows of `maps` (N, C, H, W) that are of its images."""
        return zip(self.parts(size), parts(maps, size), strict=True)


@dataclass(frozen=True)
class Part(Sample):
    """Some images of a sample, in memory."""

    images: np.ndarray


def write_sample(path: Path, split: Split, indices: np.ndarray, parameters: Mapping[str, Any]) -> None:
    """Write the images of `split` at `indices`."""
    blocks = (split.images[rows] for rows in parts(indices, AT_ONCE))
    images = Made((len(indices), *split.images.shape[1:]), np.dtype(np.float32), blocks)
    datasets = {"images": images, "labels": split.labels[indices], "indices": indices}
    units = {"images": "pixel value in [0, 1]", "labels": "class", "indices": "position in the split"}
    attributes = {"classes": list(split.classes)}
    write_hdf5(path, datasets, stage=STAGE, parameters=parameters, units=units, attributes=attributes)


def read_sample(path: Path) -> Sample:
    """Read and check a sample; its images are read when they are used."""
    datasets = {"images": ("float32", 4), "labels": ("int64", 1), "indices": ("int64", 1)}
    about = {"classes": list}
    arrays, attributes = read_hdf5(path, stage=STAGE, datasets=datasets, large=["images"], attributes=about)
    refuse_lengths(path, STAGE, arrays)
    return Sample(arrays["images"], arrays["labels"], arrays["indices"], tuple(map(str, attributes["classes"])))
