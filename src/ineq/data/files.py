"""Every file in a folder or a zip file, each with how to read it or with what is wrong with it: none is left out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from ineq.data.dataset import SPLITS
from ineq.errors import InputError

LARGEST = 2**28
"""Bytes of one file: more is no image of a data set, but may be a few bytes that unpack to all memory."""
EMPTY = "is an empty folder, expected images in it"


class Entry(NamedTuple):
    """A file: where it lies below the folder of the splits, its content, and what is wrong with it, if anything is.

    A folder is an entry only where something is wrong with it.
    """

    place: PurePosixPath
    read: Callable[[], bytes]
    wrong: str = ""


def entries(path: Path) -> Iterator[Entry]:
    """Every file below a folder or in a zip file, by name. Raises `InputError` where `path` is neither.

    In a zip file they may lie in one folder more.
    """
    return _in_folder(path) if path.is_dir() else _in_zip(path)


def shown(name: object) -> str:
    """A file's name on one line, with nothing in it that a terminal or a log cannot take."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(name))


def _in_folder(top: Path) -> Iterator[Entry]:
    odd: dict[Path, str] = {}

    def unreadable(error: OSError) -> None:
        odd[Path(error.filename)] = f"is a folder that cannot be read ({error.strerror})"

    files: list[Path] = []
    for name, folders, names in os.walk(top, onerror=unreadable):
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
    with archive:
        members = sorted(archive.infolist(), key=lambda member: member.filename)
        paths = [PurePosixPath(member.filename) for member in members]
        root = _root(paths)
        counts = Counter(paths)
        parents = {parent for member_path in paths for parent in member_path.parents}
        for member, member_path in zip(members, paths, strict=True):
            place = member_path.relative_to(root) if root and member_path.is_relative_to(root) else member_path
            if member.filename.endswith("/"):
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


def _root(paths: Collection[PurePosixPath]) -> str:
    """The one folder that all files lie in, or none; `__MACOSX`, which macOS adds, does not count."""
    roots = {member_path.parts[0] for member_path in paths if member_path.parts and not _hidden(member_path)}
    return roots.pop() if len(roots) == 1 and not roots & set(SPLITS) else ""


def _hidden(place: PurePosixPath) -> str:
    hidden = any(part.startswith(".") for part in place.parts) or "__MACOSX" in place.parts
    return "is a hidden file or lies in a hidden folder, expected none" if hidden else ""


def _too_large(size: int) -> str:
    return f"has {size:,} bytes, expected an image of at most {LARGEST:,}" if size > LARGEST else ""
