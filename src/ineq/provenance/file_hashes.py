"""What a look at a file found, remembered on disk for as long as the file's size, date and inode are the same."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

from ineq.errors import InputError
from ineq.io.text import digest, file_digest

CACHES = Path(".ineq")
Answer = TypeVar("Answer", str, list)


class CachedByFile(Generic[Answer]):
    """`look(path)`, of type `kind` and with a form in JSON, asked again only when `mark(path)` is another.

    What either raises comes through. A cache that is lost, or can't be read, costs a second look, nothing else.
    """

    def __init__(self, cache: Path, kind: type[Answer], look: Callable[[Path], Answer], mark: Callable[[Path], list]):
        self.cache, self.kind, self.look, self.mark = cache, kind, look, mark
        self.changed = False

    @cached_property
    def _known(self) -> dict[str, list]:
        known = read_json(self.cache)
        return {path: entry for path, entry in known.items() if isinstance(entry, list) and len(entry) == 2}

    def __call__(self, path: Path) -> Answer:
        """What is found in the file or folder as it is now."""
        mark = self.mark(path)
        entry = self._known.get(str(path))
        if entry is None or entry[0] != mark or not isinstance(entry[1], self.kind):
            entry = self._known[str(path)] = [mark, self.look(path)]
            self.changed = True
        return entry[1]

    def save(self) -> None:
        """Remember for the next process, where this one may write: results of others are only read."""
        if self.changed:
            with contextlib.suppress(OSError):
                save_json(self.cache, self._known)
            self.changed = False


class Hashes:
    """SHA-256 of files and of folders with all that is in them.

    So looking again costs nothing, or for a folder, a look at what its files are called and when they were written.
    """

    def __init__(self, root: Path = Path(".")):
        self._remembered = CachedByFile(root / CACHES / "hashes.json", str, _content, _mark)

    def __call__(self, path: Path) -> str | None:
        """Digest of a file or folder, or None where there is none."""
        try:
            return self._remembered(path)
        except OSError as error:
            if not os.path.exists(path):
                return None
            raise InputError(f"{error.filename or path} cannot be read ({error.strerror})") from None

    def save(self) -> None:
        """Remember them for the next process."""
        self._remembered.save()


def digests(paths: Iterable[Path], hashes: Hashes) -> dict[str, str | None]:
    """SHA-256 by path."""
    return {str(path): hashes(path) for path in sorted(paths)}


def read_json(path: Path) -> dict[str, Any]:
    """What a JSON file of this pipeline holds by key; nothing where there is none that can be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    # Nested a thousand times, it is more than the reader takes.
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def save_json(path: Path, content: dict[str, Any]) -> None:
    """Write what `read_json` reads; whoever reads meanwhile finds the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        temporary.write_text(json.dumps(content))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def written(path: Path) -> list[int]:
    """A file's size, date and inode."""
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns, stat.st_ino]


def _mark(path: Path) -> list:
    """What changes when a file, or anything in a folder, does."""
    stamp = written(path)
    if not path.is_dir():
        return stamp
    inside = [(inner, inner.lstat()) for inner in sorted(path.rglob("*"))]
    return [*stamp, digest([[ascii(str(inner)), at.st_size, at.st_mtime_ns, at.st_ino] for inner, at in inside])]


def _content(path: Path) -> str:
    """SHA-256 of a file's bytes, or of the names in a folder and the bytes below them."""
    if not path.is_dir():
        # A pipe or a device would be waited for, or read, for ever.
        if not path.is_file():
            raise InputError(f"{path} is a pipe or a device, expected a file or a folder")
        return file_digest(path)
    # A name may be no text, which `ascii` writes all the same.
    inside = [(inner, file_digest(inner) if inner.is_file() else None) for inner in sorted(path.rglob("*"))]
    return digest([[ascii(str(inner.relative_to(path))), checksum] for inner, checksum in inside])
