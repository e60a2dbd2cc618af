"""An index of image files: for data sets too large to be copied, decoded where they lie whenever they are needed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ineq.cores import cores
from ineq.data.decode import redecode
from ineq.errors import InputError


@dataclass(frozen=True)
class ImageFiles:
    """Images float32 (N, C, H, W) in [0, 1] of files below a folder; what is asked for is read and decoded then.

    `names` are paths below `root`, `sums` the SHA-256 that each had when the index was made. Sliced, or taken by an
    array of positions, along the first axis only; raises `InputError` for a file that is gone or has changed.
    """

    root: Path
    names: Sequence[str]
    sums: np.ndarray  # uint8 (N, 32)
    size: tuple[int, int, int]
    resize: int
    dtype = np.dtype(np.float32)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(N, C, H, W)."""
        return (len(self.names), *self.size)

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, rows: Any) -> np.ndarray:
        """Some images, decoded side by side on all cores."""
        places = np.arange(len(self))[rows]
        with ThreadPoolExecutor(cores()) as pool:
            images = np.stack(list(pool.map(self._image, np.atleast_1d(places))))
        return images if places.ndim else images[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or self.dtype, copy=False)

    def _image(self, place: int) -> np.ndarray:
        path = self.root / self.names[place]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(f"{path} cannot be read ({error.strerror}): rerun the stage 'data'") from None
        if hashlib.sha256(content).digest() != self.sums[place].tobytes():
            raise InputError(f"{path} is not the file that the index names: rerun the stage 'data'")
        return redecode(content, self.size, self.resize)[0].astype(np.float32) / np.float32(255)


@dataclass(frozen=True)
class FileIndex:
    """Image files by split: paths below `root`, their SHA-256 uint8 (N, 32), labels int64 (N,), and the `classes`."""

    root: Path
    names: Mapping[str, Sequence[str]]
    sums: Mapping[str, np.ndarray]
    labels: Mapping[str, np.ndarray]
    classes: tuple[str, ...]
    shape: tuple[int, int, int]
    resize: int


def to_bytes(names: Sequence[str]) -> np.ndarray:
    """Names as UTF-8, uint8 (N, longest), filled up with zeros."""
    encoded = [os.fsencode(name) for name in names]
    longest = max(map(len, encoded), default=1)
    return np.frombuffer(b"".join(name.ljust(longest, b"\0") for name in encoded), np.uint8).reshape(-1, longest)


def to_names(values: np.ndarray) -> list[str]:
    """What `to_bytes` wrote."""
    return [os.fsdecode(row.tobytes().rstrip(b"\0")) for row in values]
