"""Any folder or zip file of images, `<split>/<class>/<image>`: every file is read, or named with what is wrong."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np

from ineq.data.dataset import SPLITS, Dataset
from ineq.data.decode import MODES, decode
from ineq.data.files import Entry, entries, shown, split_folders
from ineq.data.index import FileIndex
from ineq.data.order import order_of, refuse_held_out, shuffled
from ineq.errors import InputError

CLASSES = "classes.txt"
"""A file beside the splits with the name of each class, in their order: where it isn't the names'."""
LISTED = 50
"""Problems that are listed; more would hide the first ones."""


def image_folder(
    path: Path,
    shape: Sequence[int],
    held_out: int = 0,
    seed: int = 0,
    report: Callable[[str], None] = lambda line: None,
) -> Dataset:
    """The images below `path`, a folder or a zip file, (C, H, W) = `shape` each, in an order that depends on `seed`.

    Splits are the folders `train` and `test` (or `val`; see `split_folders`), of which one may be missing; classes are
    the folders in them, by name. `report` gets a line for each kind of conversion, and for a folder that is left out.
    Raises `InputError` with one list of all files and folders that are not as wanted.
    """
    by_split: dict[str, list[tuple[str, np.ndarray]]] = {split: [] for split in SPLITS}
    for one in _images(path, shape, held_out, 0, report):
        by_split[one.split].append((one.label, one.image))
    classes = _classes(path, by_split, report)
    splits = {
        split: ([image for _, image in images], [classes.index(label) for label, _ in images])
        for split, images in by_split.items()
    }
    return shuffled(splits, classes, seed)


def image_files(
    path: Path,
    shape: Sequence[int],
    held_out: int = 0,
    seed: int = 0,
    report: Callable[[str], None] = lambda line: None,
    resize: int = 0,
) -> FileIndex:
    """An index of the images below the folder `path`, for sets that are too large for a copy; else as `image_folder`.

    With `resize` they may be of any size: see `decode`.
    """
    if not path.is_dir():
        raise InputError(f"{path} is no folder: an index is of files in a folder, not in a zip file")
    by_split: dict[str, list[tuple[str, tuple[str, bytes]]]] = {split: [] for split in SPLITS}
    for one in _images(path, shape, held_out, resize, report):
        by_split[one.split].append((one.label, (str(one.place), one.sha256)))
    classes = _classes(path, by_split, report)
    names, sums, labels = {}, {}, {}
    for split, files in ((split, files) for split, files in by_split.items() if files):
        ordered = [files[row] for row in order_of(split, len(files), seed)]
        names[split] = [name for _, (name, _) in ordered]
        sums[split] = np.frombuffer(b"".join(digest for _, (_, digest) in ordered), np.uint8).reshape(-1, 32)
        labels[split] = np.array([classes.index(label) for label, _ in ordered], dtype=np.int64)
    channels, height, width = shape
    return FileIndex(path, names, sums, labels, tuple(classes), (channels, height, width), resize)


class _LabelledImage(NamedTuple):
    """An image that is as wanted: where it lies, its file's SHA-256, and its pixels uint8 (C, H, W)."""

    split: str
    label: str
    place: PurePosixPath
    sha256: bytes
    image: np.ndarray


def _images(
    path: Path, shape: Sequence[int], held_out: int, resize: int, report: Callable[[str], None]
) -> Iterator[_LabelledImage]:
    """Every image in the order of the names; at the end, `InputError` with what was not as wanted."""
    refuse_held_out(held_out, "a folder of images")
    if shape[0] not in MODES:
        raise InputError(f"shape is {list(shape)}: image files are read as 1 or 3 channels")
    problems, conversions, folders = [], Counter[str](), split_folders(path)
    for left_out in (folder for folder, split in folders.items() if not split):
        report(f"{path}: '{left_out}' is left out, since another folder is the test split")
    for entry in entries(path):
        if _lists_classes(entry) or folders.get(entry.place.parts[0] if entry.place.parts else "") == "":
            continue
        try:
            split, label = _label(entry, folders)
            content = entry.content()
            image, kinds = decode(content, shape, resize)
        except InputError as error:
            problems.append(f"{shown(entry.place)}: {error}")
            continue
        conversions.update(kinds)
        yield _LabelledImage(split, label, entry.place, hashlib.sha256(content).digest(), image)
    refuse_all(path, problems)
    for kind, count in sorted(conversions.items()):
        report(f"{count} images: {kind}")


def _classes(path: Path, by_split: Mapping[str, Sequence[tuple[str, Any]]], report: Callable[[str], None]) -> list[str]:
    """The classes of all splits, by name or as they are listed."""
    named = sorted({label for images in by_split.values() for label, _ in images})
    if len(named) < 2:
        raise InputError(f"{path} has images of {len(named)} classes, expected <split>/<class>/<image> of at least 2")
    classes = listed_classes(path, named)
    for split in (split for split, images in by_split.items() if images):
        if missing := sorted(set(classes) - {label for label, _ in by_split[split]}):
            report(f"split '{split}' has no images of {len(missing)} classes: {', '.join(missing[:10])}")
    return classes


def listed_classes(path: Path, named: list[str]) -> list[str]:
    """The lines of `CLASSES`, where there is one, else the names of the folders."""
    entry = next(filter(_lists_classes, entries(path)), None)
    if entry is None:
        return named
    listed = entry.content().decode("utf-8", "replace").splitlines()
    if missing := [name for name in named if listed.count(name) != 1]:
        raise InputError(
            f"{path}: {CLASSES} has class '{missing[0]}' {listed.count(missing[0])} times, expected it once"
        )
    return listed


def _lists_classes(entry: Entry) -> bool:
    return str(entry.place) == CLASSES and not entry.wrong


def _label(entry: Entry, folders: Mapping[str, str]) -> tuple[str, str]:
    """Split and class of an image by where it lies."""
    if entry.wrong:
        raise InputError(entry.wrong)
    if len(entry.place.parts) != 3 or entry.place.parts[0] not in folders:
        raise InputError(f"lies elsewhere than in <split>/<class>/, a split being {' or '.join((*SPLITS, 'val'))}")
    folder, label, _ = entry.place.parts
    return folders[folder], class_name(label)


def class_name(folder: str) -> str:
    """The class that a folder's name means: some systems write an accent as a letter of its own, others do not."""
    if not folder.isprintable():
        raise InputError("has a class whose name cannot be printed")
    return unicodedata.normalize("NFC", folder)


def refuse_all(path: Path, problems: Sequence[str]) -> None:
    """Raise `InputError` with one list of the problems, if there are any."""
    lines = [f"  {problem}" for problem in problems[:LISTED]]
    more = [f"  … and {len(problems) - LISTED} more"] if len(problems) > LISTED else []
    if problems:
        first = f"{path}: of its files and folders, {len(problems)} not as wanted:"
        raise InputError("\n".join([first, *lines, *more]))
