"""Arrays that need not fit into memory: read from a file, or made, a few rows at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ineq.extras import extra

PART = 2**26
"""Bytes of rows in memory at once where the caller does not say how many rows."""


@dataclass(frozen=True)
class Rows:
    """An array (N, …) in an HDF5 file; what is asked for, along the first axis only, is read then."""

    path: Path
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> np.ndarray:
        """Some rows, or one, as an array; a slice counts from the first row of these."""
        if isinstance(rows, slice):
            rows = slice(*rows.indices(len(self)))
        with extra("workflow", "an HDF5 file"):
            import h5py  # only here: arrays in memory need none

        with h5py.File(self.path, "r") as file:
            return file[self.name][rows]  # pyright: ignore[reportIndexIssue, reportReturnType]

    def first(self, count: int) -> Rows:
        """Its first `count` rows, or all where it has no more; nothing is read."""
        return replace(self, shape=(min(count, len(self)), *self.shape[1:]))


@dataclass(frozen=True)
class Made:
    """An array of `shape` and `dtype` whose rows are still to be made: `parts` gives them in order, some at a time."""

    shape: tuple[int, ...]
    dtype: np.dtype
    parts: Iterable[np.ndarray]


Large = np.ndarray | Rows
"""What can be read some rows at a time."""


def first(values: Large, count: int) -> Large:
    """The first `count` rows, or all where there are no more."""
    return values.first(count) if isinstance(values, Rows) else values[:count]


def parts(values: Large, size: int | None = None) -> Iterator[np.ndarray]:
    """All rows in order, `size` at a time; without it as many as `PART` bytes hold: a small array is one part."""
    row = int(np.prod(values.shape[1:], dtype=np.int64)) * values.dtype.itemsize
    step = size or max(1, PART // max(row, 1))
    return (values[start : start + step] for start in range(0, len(values), step))
