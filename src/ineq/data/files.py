"""Every file in a folder or a zip file, each with how to read it or with what is wrong with it: none is left out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from ineq.errors import InputError

UTF8, WINDOWS = 0x800, 0
"""In a zip file, the flag of a name in UTF-8, and the number of the system that has backslashes in none."""
LARGEST = 2**28
"""Bytes of one file: more is no image of a data set, but may be a few bytes that unpack to all memory."""
EMPTY = "is an empty folder, expected images in it"
HIDDEN = "is a hidden file or lies in a hidden folder, expected none"
SPLITS = {"train": ("train", "training"), "val": ("val", "valid", "validation"), "test": ("test", "testing")}
"""What people call the folder of each split, in letters of any case."""


class Entry(NamedTuple):
    """A file: where it lies below the folder of the splits, its content, and what is wrong with it, if anything is.

    A folder is an entry only where something is wrong with it.
    """

    place: PurePosixPath
    read: Callable[[], bytes]
    wrong: str = ""

    def content(self) -> bytes:
        """Its bytes; raises `InputError` where they cannot be read."""
        try:
            return self.read()
        # Each compression of a zip file has exceptions of its own.
        except Exception as error:
            raise InputError(f"cannot be read ({shown(error) or type(error).__name__})") from None


def entries(path: Path, inner: str = "") -> Iterator[Entry]:
    """Every file below a folder or in a zip file, or in its folder `inner`, by name.

    In a zip file all may lie in further folders. Raises `InputError` where `path` is neither.
    """
    if path.is_dir():
        return _in_folder(path, inner)
    return (entry for entry in _in_zip(path) if not inner or entry.place.parts[:1] == (inner,))


def split_of(folder: str) -> str:
    """`train`, `val` or `test` by the name of its folder; empty for another name."""
    return next((split for split, names in SPLITS.items() if folder.lower() in names), "")


def split_folders(path: Path) -> dict[str, str]:
    """The folders of splits in a folder or zip file, each with its split; `val` is the test split, as in ImageNet.

    Where there is a test split too, `val` is left out, and its split is "". Raises `InputError` for two of one split.
    """
    if path.is_dir():
        names = next(os.walk(path), ("", [], []))[1]
    else:
        names = sorted({entry.place.parts[0] for entry in entries(path) if len(entry.place.parts) > 1})
    splits = {name: split for name in names if (split := split_of(name))}
    for split, count in Counter(splits.values()).items():
        if count > 1:
            several = " and ".join(sorted(name for name in splits if splits[name] == split))
            raise InputError(f"{path} has folders {several}, expected one of them for the split '{split}'")
    instead = "" if "test" in splits.values() else "test"
    return {name: instead if split == "val" else split for name, split in splits.items()}


def shown(name: object) -> str:
    """A file's name on one line, with nothing in it that a terminal or a log cannot take."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(name))


def _in_folder(top: Path, inner: str) -> Iterator[Entry]:
    odd: dict[Path, str] = {}

    def unreadable(error: OSError) -> None:
        odd[Path(error.filename)] = f"is a folder that cannot be read ({error.strerror})"

    files: list[Path] = []
    for name, folders, names in os.walk(top / inner, onerror=unreadable):
        folder = Path(name)
        if not folders and not names:
            odd[folder] = EMPTY
        # Not followed, for it may lead back here.
        links = [folder / inner for inner in folders if (folder / inner).is_symlink()]
        odd |= dict.fromkeys(links, "is a link to a folder, expected the folder itself")
        files += [folder / inner for inner in names]
    for file in sorted([*files, *odd]):
        place = PurePosixPath(file.relative_to(top))
        yield Entry(place, file.read_bytes, odd.get(file) or _wrong_with(file) or _hidden(place))


def _wrong_with(file: Path) -> str:
    try:
        if file.is_file():
            return _too_large(file.stat().st_size)
        # A pipe or a device could be waited for, or read, for ever.
        return "is a broken link" if file.is_symlink() and not file.exists() else "is no regular file"
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def _in_zip(path: Path) -> Iterator[Entry]:
    try:
        archive = ZipFile(path)
    except FileNotFoundError:
        raise InputError(f"{path} is missing, expected a folder or a zip file of images") from None
    # A broken directory may raise anything: BadZipFile, struct.error, UnicodeDecodeError, NotImplementedError.
    except Exception as error:
        raise InputError(f"{path} is neither a folder nor a readable zip file ({shown(error)})") from None
    # It stays open as long as an entry refers to it.
    members = sorted(archive.infolist(), key=lambda member: member.filename)
    paths = [_path(member) for member in members]
    root = _root([inside for inside, member in zip(paths, members, strict=True) if not _is_folder(member)])
    counts = Counter(paths)
    parents = {parent for member_path in paths for parent in member_path.parents}
    for member, member_path in zip(members, paths, strict=True):
        place = member_path.relative_to(root) if root.parts and member_path.is_relative_to(root) else member_path
        if _is_folder(member):
            # Most folders of a zip file are just named in it.
            if member_path not in parents:
                yield Entry(place, bytes, EMPTY)
            continue
        wrong = "stands in the zip file more than once" if counts[member_path] > 1 else _wrong_member(member)
        yield Entry(place, lambda member=member: _unpacked(archive, member), wrong or _hidden(place))


def _unpacked(archive: ZipFile, member: ZipInfo) -> bytes:
    """As many bytes as the file says it has; asked for all, Python unpacks what is there first, however much."""
    with archive.open(member) as stream:
        return stream.read(member.file_size)


def _wrong_member(member: ZipInfo) -> str:
    # Of what is packed otherwise Python unpacks any amount at once.
    if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return f"is packed by method {member.compress_type}, expected deflate or none"
    return "is encrypted, expected it readable" if member.flag_bits & 1 else _too_large(member.file_size)


def _path(member: ZipInfo) -> PurePosixPath:
    """Its name; macOS packs UTF-8 without saying so, and some programs of Windows separate folders by backslashes."""
    name = member.filename
    if not member.flag_bits & UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return PurePosixPath(name.replace("\\", "/") if member.create_system == WINDOWS else name)


def _is_folder(member: ZipInfo) -> bool:
    return member.filename.endswith(("/", "\\") if member.create_system == WINDOWS else "/")


def _root(files: Sequence[PurePosixPath]) -> PurePosixPath:
    """The folder above the splits, or classes, of all files; README.txt and `__MACOSX` beside it do not count."""
    folders = [file.parts[:-1] for file in files if len(file.parts) > 1 and not _hidden(file)]
    levels = zip(*folders, strict=False)
    shared = takewhile(lambda names: len({*names}) == 1 and not split_of(names[0]), levels)
    return PurePosixPath(*(names[0] for names in shared))


def _hidden(place: PurePosixPath) -> str:
    hidden = any(part.startswith(".") for part in place.parts) or "__MACOSX" in place.parts
    return HIDDEN if hidden else ""


def _too_large(size: int) -> str:
    return f"has {size:,} bytes, expected an image of at most {LARGEST:,}" if size > LARGEST else ""
