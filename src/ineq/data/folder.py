"""Any folder or zip file of images, `<split>/<class>/<image>`: every file is read, or named with what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile

import numpy as np

from ineq.data.dataset import SPLITS, Dataset
from ineq.data.decode import decode
from ineq.data.draws import generator
from ineq.errors import InputError

Read = Callable[[], bytes]


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
    with one list of all files that are not such images.
    """
    if held_out:
        raise InputError(f"held_out is {held_out}: a folder of images has its own splits, wanted 0")
    found: dict[str, list[tuple[str, np.ndarray]]] = {split: [] for split in SPLITS}
    problems, conversions = [], Counter[str]()
    for place, read in image_files(path):
        try:
            split, label = _label(place)
            image, kinds = decode(read(), shape)
        except (InputError, OSError, BadZipFile) as error:
            problems.append(f"{place}: {error}")
            continue
        conversions.update(kinds)
        found[split].append((label, image))
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise InputError(f"{path} has {len(problems)} files that are not images as wanted:\n{listed}")
    for kind, count in sorted(conversions.items()):
        report(f"{count} images: {kind}")
    return _dataset(path, found, seed)


def _dataset(path: Path, found: dict[str, list[tuple[str, np.ndarray]]], seed: int) -> Dataset:
    classes = sorted({label for images in found.values() for label, _ in images})
    if len(classes) < 2:
        raise InputError(f"{path} has images of {len(classes)} classes: wanted <split>/<class>/<image> of at least 2")
    numbers = {label: number for number, label in enumerate(classes)}
    images, labels = {}, {}
    for split, entries in found.items():
        if not entries:
            continue
        # Folders come class by class; shuffled, the first images of a split are of all classes.
        order = generator(seed, "folder order", SPLITS.index(split)).permutation(len(entries))
        images[split] = np.stack([entries[row][1] for row in order])
        labels[split] = np.array([numbers[entries[row][0]] for row in order], dtype=np.int64)
    return Dataset(images=images, labels=labels, scale=255, classes=tuple(classes))


def _label(place: PurePosixPath) -> tuple[str, str]:
    """Split and class of an image by where it lies."""
    if len(place.parts) != 3 or place.parts[0] not in SPLITS:
        raise InputError(f"lies elsewhere than in <split>/<class>/, a split being {' or '.join(SPLITS)}")
    return place.parts[0], place.parts[1]


def image_files(path: Path) -> Iterator[tuple[PurePosixPath, Read]]:
    """Every file below a folder or in a zip file, by name, and how to read it."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if not file.is_dir())
        yield from ((PurePosixPath(file.relative_to(path)), file.read_bytes) for file in files)
        return
    try:
        with ZipFile(path) as archive:
            names = sorted(name for name in archive.namelist() if not name.endswith("/"))
            roots = {PurePosixPath(name).parts[0] for name in names}
            skip = 1 if len(roots) == 1 and not roots & set(SPLITS) else 0
            for name in names:
                yield PurePosixPath(*PurePosixPath(name).parts[skip:]), lambda name=name: archive.read(name)
    except FileNotFoundError:
        raise InputError(f"{path} is missing: wanted a folder or a zip file of images") from None
    except (BadZipFile, OSError) as error:
        raise InputError(f"{path} is neither a folder nor a readable zip file ({error})") from None
