"""How many images a split has, without reading one: for estimates, before any stage has run."""

from __future__ import annotations

from pathlib import Path

from ineq.data.files import entries, split_folders

DIGITS = 1797
CIFAR10 = {"train": 50_000, "test": 10_000}


def split_size(name: str, path: Path, held_out: int, split: str) -> int:
    """Images in `split` ("train" or "test") of the data set that `data` describes; 0 where they are not there yet.

    Raises `InputError` for a file at `path` that is no zip file.
    """
    if name == "digits":
        return held_out if split == "test" else DIGITS - held_out
    if name == "cifar10":
        return CIFAR10[split]
    if not path.exists():
        return 0
    folders = [folder for folder, its in split_folders(path).items() if its == split]
    return sum(1 for folder in folders for _ in entries(path, folder))
