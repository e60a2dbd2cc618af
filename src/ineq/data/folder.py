"""Any folder or zip file of images, `<split>/<class>/<image>`: every file is read, or named with what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ineq.data.dataset import SPLITS, Dataset
from ineq.data.decode import MODES, decode
from ineq.data.files import Entry, entries, shown
from ineq.data.order import refuse_held_out, shuffled
from ineq.errors import InputError

Images = dict[str, list[tuple[str, np.ndarray]]]
"""Class and pixels of every image, by split."""

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

    Splits are the folders `train` and `test`, of which one may be missing; classes are the folders in them, by name. In
    a zip file they may lie in one folder more. `report` gets a line for each kind of conversion. Raises `InputError`
    with one list of all files and folders that are not as wanted.
    """
    refuse_held_out(held_out, "a folder of images")
    if shape[0] not in MODES:
        raise InputError(f"shape is {list(shape)}: image files are read as 1 or 3 channels")
    found: Images = {split: [] for split in SPLITS}
    problems, conversions = [], Counter[str]()
    for entry in entries(path):
        try:
            split, label = _label(entry)
            image, kinds = decode(_content(entry), shape)
        except InputError as error:
            problems.append(f"{shown(entry.place)}: {error}")
            continue
        conversions.update(kinds)
        found[split].append((label, image))
    if problems:
        raise InputError(f"{path}: of its files and folders, {len(problems)} not as wanted:\n{_listed(problems)}")
    for kind, count in sorted(conversions.items()):
        report(f"{count} images: {kind}")
    return _dataset(path, found, seed, report)


def _dataset(path: Path, found: Images, seed: int, report: Callable[[str], None]) -> Dataset:
    classes = sorted({label for images in found.values() for label, _ in images})
    if len(classes) < 2:
        raise InputError(f"{path} has images of {len(classes)} classes: wanted <split>/<class>/<image> of at least 2")
    for split in (split for split, images in found.items() if images):
        if missing := sorted(set(classes) - {label for label, _ in found[split]}):
            report(f"split '{split}' has no images of {len(missing)} classes: {', '.join(missing[:10])}")
    numbers = {label: number for number, label in enumerate(classes)}
    splits = {
        split: ([image for _, image in images], [numbers[label] for label, _ in images])
        for split, images in found.items()
    }
    return shuffled(splits, classes, seed)


def _label(entry: Entry) -> tuple[str, str]:
    """Split and class of an image by where it lies."""
    if entry.wrong:
        raise InputError(entry.wrong)
    if len(entry.place.parts) != 3 or entry.place.parts[0] not in SPLITS:
        raise InputError(f"lies elsewhere than in <split>/<class>/, a split being {' or '.join(SPLITS)}")
    split, label, _ = entry.place.parts
    if not label.isprintable():
        raise InputError("has a class whose name cannot be printed")
    return split, label


def _content(entry: Entry) -> bytes:
    try:
        return entry.read()
    # Each compression of a zip file has exceptions of its own.
    except Exception as error:
        raise InputError(f"cannot be read ({shown(error) or type(error).__name__})") from None


def _listed(problems: Sequence[str]) -> str:
    lines = [f"  {problem}" for problem in problems[:LISTED]]
    more = [f"  … and {len(problems) - LISTED} more"] if len(problems) > LISTED else []
    return "\n".join(lines + more)
