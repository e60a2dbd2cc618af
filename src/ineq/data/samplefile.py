"""`sample.h5`: the sampled images that maps and attacks work on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ineq.data.dataset import Split
from ineq.data.sample import Sample
from ineq.io.hdf5 import read_hdf5, refuse_lengths, write_hdf5
from ineq.io.rows import Made, parts

STAGE = "sample"
AT_ONCE = 64
"""Images in memory when a sample is written."""


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
