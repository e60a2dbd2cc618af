"""A small part of a data set as a zip file that can come with a study: the image files as they are."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from ineq.data.checks import check_int
from ineq.data.draws import generator
from ineq.data.files import Entry, entries, shown, split_folders
from ineq.errors import InputError

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every file: the same images are the same bytes."""


def write_image_subset(source: Path, target: Path, split: str, count: int, seed: int) -> int:
    """Write `count` images of a split of an image folder or zip file to the zip file `target`, drawn by `seed`.

    Files keep their name and content; a bigger subset holds the smaller one. Returns the size in bytes. Raises
    `InputError` when the split has fewer images.
    """
    if not target.name:
        raise InputError(f"{target} is no name of a file, expected one for a zip file")
    if not target.parent.is_dir():
        raise InputError(f"{target.parent} is no folder, expected one for {target.name}")
    folders = {name for name, of in split_folders(source).items() if split in (name, of)}
    places = [entry.place for entry in entries(source) if not entry.wrong and entry.place.parts[0] in folders]
    if check_int("images", count, 1) > len(places):
        raise InputError(f"{source} has {len(places)} images of split '{split}', expected {count}")
    drawn = generator(seed, "picked images").permutation(len(places))[:count]
    subset = {places[row] for row in drawn}
    temporary = target.with_name(f".{target.name}")
    try:
        with ZipFile(temporary, "w", ZIP_STORED) as archive:
            for entry in entries(source):
                if entry.place in subset:
                    archive.writestr(ZipInfo(str(entry.place), EPOCH), _content(entry))
        temporary.replace(target)
    except OSError as error:
        raise InputError(f"{target} cannot be written ({error.strerror})") from None
    finally:
        temporary.unlink(missing_ok=True)
    return target.stat().st_size


def _content(entry: Entry) -> bytes:
    try:
        return entry.content()
    except InputError as error:
        raise InputError(f"{shown(entry.place)}: {error}") from None
