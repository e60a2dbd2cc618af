"""Images of one's own for an audit: a seeded draw of them, copied to where a study may read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from ineq.data.decode import decode, header
from ineq.data.draws import generator
from ineq.data.files import HIDDEN, Entry, entries, shown, split_folders, split_of
from ineq.data.folder import class_name, refuse_all
from ineq.errors import InputError

SPARE = 5
"""Images drawn for each that is wanted: those that the model gets wrong are not sampled."""
ORDER = ("test", "val", "train")
"""Splits, the one to be taken first."""
T = TypeVar("T")


def draw_images(
    source: Path,
    target: Path,
    count: int,
    size: int | None,
    seed: int = 0,
    report: Callable[[str], object] = lambda line: None,
) -> tuple[tuple[int, int, int], int]:
    """Copy a draw of `SPARE` × `count` images from `source/[split/]class/image` to `target/test/class/image`.

    `source` is a folder or a zip file, `size` the side that images are scaled and cut to. Returns their (channels,
    height, width), and the side that they are scaled to first; 0: they are as they are. `report` gets a line for each
    split that is left out since it has no classes. Raises `InputError` where there are no two classes, where images
    differ in size and no `size` is given, or with a list of what is not as wanted.
    """
    drawn = _drawn(source, _images(source, report), SPARE * count, seed)
    shape = _shape(_each(source, drawn, lambda entry: header(entry.content())), size)
    # Said here, of the user's files: the stage `data` would name the copies.
    _each(source, drawn, lambda entry: decode(entry.content(), shape, size or 0)[1])
    _copy(drawn, target / "test")
    return shape, size or 0


def _images(source: Path, report: Callable[[str], object]) -> list[Entry]:
    """The files in classes of the first split that has some; without such a split, those of `source` itself."""
    split, files = _split(source, report)
    depth = 3 if split else 2
    # A file beside the classes, such as README.txt or .DS_Store, is in none of them.
    inside = [entry for entry in files if entry.wrong not in ("", HIDDEN) or len(entry.place.parts) >= depth]
    _each(source, inside, lambda entry: _refuse_misplaced(entry, depth))
    return inside


def _split(source: Path, report: Callable[[str], object]) -> tuple[str, list[Entry]]:
    """The folder of the first split that has two classes, else one, and its files; "" and all files where none has."""
    folders = {split_of(name): name for name in split_folders(source)}
    files: dict[str, list[Entry]] = {}
    for name in (folders[split] for split in ORDER if split in folders):
        files[name] = list(entries(source, name))
        if _classes(files[name]) > 1:
            for other in list(files)[:-1]:
                report(f"{source}: '{other}' is left out, since it has no two folders of classes; '{name}' is taken")
            return name, files[name]
    # A class may be called `train`, too: then there is no folder in it.
    return next(((name, inside) for name, inside in files.items() if _classes(inside)), ("", list(entries(source))))


def _classes(files: Sequence[Entry]) -> int:
    """How many folders a split has, if there are files in any; what is wrong with others is told later."""
    inside = {entry.place.parts[1] for entry in files if len(entry.place.parts) > 2 and entry.wrong != HIDDEN}
    odd = {entry.place.parts[1] for entry in files if len(entry.place.parts) == 2 and entry.wrong not in ("", HIDDEN)}
    return len(inside | odd) if inside else 0


def _refuse_misplaced(entry: Entry, depth: int) -> None:
    if entry.wrong:
        raise InputError(entry.wrong)
    if len(entry.place.parts) > depth:
        raise InputError("lies in a folder of a class's folder, expected <class>/<image>")


def _each(source: Path, files: Sequence[Entry], check: Callable[[Entry], T]) -> list[T]:
    """What `check` gives of each file; `InputError` with one list of what it has against them."""
    results, problems = list[T](), list[str]()
    for entry in files:
        try:
            results.append(check(entry))
        except InputError as error:
            problems.append(f"{shown(entry.place)}: {error}")
    refuse_all(source, problems)
    return results


def _drawn(source: Path, files: Sequence[Entry], count: int, seed: int) -> list[Entry]:
    """Some of the files, and one of each class at least, in the order of their names."""
    labels = _each(source, files, _label)
    if len(set(labels)) < 2:
        raise InputError(
            f"{source} has images of {len(set(labels))} classes, expected a folder of images for each of them"
        )
    order = generator(seed, "audited images").permutation(len(files))
    # Every class stays a class: what a draw leaves out of it would number the others anew.
    first = {labels[row]: row for row in order[::-1]}
    return [files[row] for row in sorted({*order[:count].tolist(), *first.values()})]


def _label(entry: Entry) -> str:
    return class_name(entry.place.parent.name)


def _shape(shapes: Sequence[tuple[int, int, int]], size: int | None) -> tuple[int, int, int]:
    """(channels, height, width) that the images have, or are to be made to have."""
    channels = max(channels for channels, _, _ in shapes)
    if size is not None:
        return channels, size, size
    sizes = Counter((height, width) for _, height, width in shapes)
    if len(sizes) > 1:
        common = ", ".join(f"{width}×{height}" for (height, width), _ in sizes.most_common(3))
        raise InputError(
            f"the images have {len(sizes)} sizes, {common} among them, expected one, or --size to scale to"
        )
    ((height, width),) = sizes
    return channels, height, width


def _copy(drawn: Sequence[Entry], target: Path) -> None:
    """Make `target` hold these images, `class/image`, and nothing else; what is the same already stays."""
    files = {target / _label(entry) / entry.place.name: entry for entry in drawn}
    for old in [file for file in target.rglob("*") if file.is_file() and file not in files]:
        old.unlink()
    for file, entry in files.items():
        content = entry.content()
        if not file.is_file() or file.read_bytes() != content:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)  # a new file: what an audit is refused for leaves the old one as it was
            file.write_bytes(content)
    for folder in [folder for folder in target.glob("*") if not any(folder.iterdir())]:
        folder.rmdir()
