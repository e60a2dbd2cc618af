"""Where data sets come from: one function per name that `data.name` may hold."""

from __future__ import annotations

from collections.abc import Callable

from ineq.data.cifar10 import cifar10
from ineq.data.dataset import Dataset
from ineq.data.digits import digits
from ineq.data.folder import image_files, image_folder
from ineq.data.index import FileIndex

SOURCES: dict[str, Callable[..., Dataset]] = {"digits": digits, "cifar10": cifar10, "folder": image_folder}
"""Each takes (path, shape, held_out, seed, report): what it is read from, (C, H, W) of its images, how many images go
to the test split (0: it has one), the seed of their order, and where to say what was done to them."""
INDEXES: dict[str, Callable[..., FileIndex]] = {"files": image_files}
"""The same for data sets that stay where they are; each takes `resize` too."""
