"""`maps.h5`: the attribution maps of a model by a method."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ineq.io.hdf5 import read_hdf5, refuse_lengths, write_hdf5
from ineq.io.rows import Large, Made

STAGE = "attribute"


def write_maps(path: Path, maps: np.ndarray | Made, indices: np.ndarray, parameters: Mapping[str, Any]) -> None:
    """Write maps float32 (N, C, H, W) with the images' positions in the split, int64 (N,)."""
    datasets = {"maps": maps, "indices": indices}
    units = {"maps": "attributed logit a value of the image", "indices": "position in the split"}
    # Compressed, maps take 7 % less space, and ten times as long.
    write_hdf5(path, datasets, stage=STAGE, parameters=parameters, units=units, uncompressed=["maps"])


def read_maps(path: Path) -> tuple[Large, np.ndarray]:
    """Maps float32 (N, C, H, W), read when they are used, and positions int64 (N,)."""
    datasets = {"maps": ("float32", 4), "indices": ("int64", 1)}
    arrays, _ = read_hdf5(path, stage=STAGE, datasets=datasets, large=["maps"])
    refuse_lengths(path, STAGE, arrays)
    return arrays["maps"], arrays["indices"]
