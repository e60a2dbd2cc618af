"""Images of one's own for an audit: a seeded draw of them, copied to where a study may read them."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from filecmp import cmp
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from ineq.data.draws import generator
from ineq.data.files import Entry, entries, shown
from ineq.errors import InputError

SPLITS = ("test", "val", "train")
"""Folders that may lie above those of the classes; the first that is there is taken."""
SPARE = 5
"""Images drawn for each that is wanted: those that the model gets wrong are not sampled."""


def draw_images(source: Path, target: Path, count: int, seed: int = 0) -> None:
    """Copy a draw of `SPARE` × `count` images from `source/[split/]class/image` to `target/test/class/image`.

    A draw that lies there already stays if it is the same. Raises `InputError` where there are no two classes.
    """
    if not source.is_dir():
        raise InputError(f"{source} is no folder, expected one with a folder of images for each class")
    top = next((source / split for split in SPLITS if (source / split).is_dir()), source)
    files = [top / entry.place for entry in entries(top) if _is_image(top, entry)]
    classes = sorted({file.parent.name for file in files})
    if len(classes) < 2:
        raise InputError(f"{top} has images of {len(classes)} classes, expected a folder of images for each of them")
    order = generator(seed, "audited images").permutation(len(files))
    # Every class stays a class: what a draw leaves out of it would number the others anew.
    first = {files[row].parent.name: row for row in order[::-1]}
    drawn = sorted(set(order[: SPARE * count].tolist()) | set(first.values()))
    names = {str(files[row].relative_to(top)): files[row] for row in drawn}
    there = {str(file.relative_to(target / "test")) for file in _files(target / "test")}
    # By their contents, not by their dates: images may change under the same names.
    if names.keys() == there and all(cmp(file, target / "test" / name, shallow=False) for name, file in names.items()):
        return
    shutil.rmtree(target, ignore_errors=True)
    for name, file in names.items():
        (target / "test" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target / "test" / name)


def shape_of(folder: Path, size: int | None) -> tuple[tuple[int, int, int], int]:
    """(channels, height, width) of the images, and the side that they are scaled to first; 0: they are as they are.

    Raises `InputError` where they differ in size and no `size` is asked for.
    """
    sizes, grey = Counter[tuple[int, int]](), True
    for file in _files(folder):
        try:
            with Image.open(file) as image:
                sizes[image.size] += 1
                grey &= image.mode in ("1", "L")
        except (UnidentifiedImageError, OSError) as error:
            raise InputError(f"{shown(file)} is no readable image ({error})") from None
    channels = 1 if grey else 3
    if size is not None:
        return (channels, size, size), size
    if len(sizes) > 1:
        common = ", ".join(f"{width}×{height}" for (width, height), _ in sizes.most_common(3))
        raise InputError(
            f"the images have {len(sizes)} sizes, {common} among them, expected one, or --size to scale to"
        )
    ((width, height),) = sizes
    return (channels, height, width), 0


def _is_image(top: Path, entry: Entry) -> bool:
    """Whether it lies in a class's folder; what else is wrong with it is for the stage `data` to say."""
    if entry.wrong:
        raise InputError(f"{shown(top / entry.place)} {entry.wrong}")
    return len(Path(entry.place).parts) == 2


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.is_file())
