"""Records: what made an artefact, and whether that is what is wanted now.

A record names parameters, code, package versions and the SHA-256 of inputs and outputs. It is what keeps two engines
from handing each other's leftovers to a user: neither engine's own memory knows what the other one did.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from ineq.io.text import canonical_json, digest, file_digest
from ineq.pipeline.code import describe_stage
from ineq.pipeline.jobs import Job

CACHE = Path(".ineq/hashes.json")


def causes(found: Iterable[Job]) -> Iterator[tuple[Job, dict[str, Any]]]:
    """Each job with what its record has to say about its cause; a stage's code is looked at once for all its jobs."""
    codes: dict[str, dict[str, Any]] = {}
    for job in found:
        stage = job.stage.name
        if stage not in codes:
            codes[stage] = describe_stage(stage, job.study.root)
        yield job, {"stage": stage, "axes": dict(job.axes), "parameters": job.parameters, "code": codes[stage]}


def wanted(job: Job) -> dict[str, Any]:
    """What the record of one job has to say about its cause."""
    return next(causes([job]))[1]


class Hashes:
    """SHA-256 of files and of folders with all that is in them, remembered by size, date and inode.

    So looking again costs nothing, or for a folder, a look at what its files are called and when they were written.
    """

    def __init__(self, root: Path = Path(".")):
        self.path = root / CACHE
        self.changed = False

    @cached_property
    def _known(self) -> dict[str, list]:
        try:
            return json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}

    def __call__(self, path: Path) -> str | None:
        """Digest of a file or folder, or None where there is none."""
        try:
            mark = _mark(path)
        except OSError:
            return None
        entry = self._known.get(str(path))
        if entry is None or entry[0] != mark:
            entry = self._known[str(path)] = [mark, _content(path)]
            self.changed = True
        return entry[1]

    def save(self) -> None:
        """Remember for next time; a lost cache costs a second look, nothing else."""
        if self.changed:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self.path.with_name(f"{self.path.name}.{os.getpid()}")
            temporary.write_text(json.dumps(self._known))
            temporary.replace(self.path)


def _mark(path: Path) -> list:
    """What changes when a file, or anything in a folder, does."""
    stat = path.stat()
    own = [stat.st_size, stat.st_mtime_ns, stat.st_ino]
    if not path.is_dir():
        return own
    inside = [(inner, inner.lstat()) for inner in sorted(path.rglob("*"))]
    return [*own, digest([[ascii(str(inner)), at.st_size, at.st_mtime_ns, at.st_ino] for inner, at in inside])]


def _content(path: Path) -> str:
    """SHA-256 of a file's bytes, or of the names in a folder and the bytes below them."""
    if not path.is_dir():
        return file_digest(path)
    # A name may be no text, which `ascii` writes all the same.
    inside = [(inner, file_digest(inner) if inner.is_file() else None) for inner in sorted(path.rglob("*"))]
    return digest([[ascii(str(inner.relative_to(path))), found] for inner, found in inside])


def digests(paths: Iterable[Path], hashes: Hashes) -> dict[str, str | None]:
    """SHA-256 by path."""
    return {str(path): hashes(path) for path in sorted(paths)}


def read_record(path: Path) -> dict[str, Any] | None:
    """A record, or None where there is none that can be read."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def difference(job: Job, cause: dict[str, Any], hashes: Hashes) -> str | None:
    """Why a job's artefacts are not the wanted ones, in a few words; None where they are."""
    return next(differences(job, cause, hashes), None)


def differences(job: Job, cause: dict[str, Any], hashes: Hashes) -> Iterator[str]:
    """All that keeps a job's artefacts from being the wanted ones."""
    record = read_record(job.record)
    if record is None:
        yield "there is no readable record" if job.record.exists() else "there is no record"
        return
    for part in ("parameters", "code"):
        if changes := _changes(record.get(part), cause[part]):
            yield f"{part} differ: {', '.join(changes)}"
    for part, paths in (("inputs", job.input_files), ("outputs", _artefacts(job))):
        found = digests(paths, hashes)
        for path in sorted(set(found) | set(record.get(part, {}))):
            if found.get(path) != record.get(part, {}).get(path):
                yield f"{path} is not the file that the record names"


def _artefacts(job: Job) -> list[Path]:
    return [path for name, path in job.outputs.items() if name != "record"]


def _changes(found: Any, now: dict[str, Any], prefix: str = "") -> list[str]:
    """What differs between two nested dicts, as `key was x, wanted y`."""
    if not isinstance(found, dict):
        return [f"{prefix.rstrip('.') or 'all'} is not recorded"]
    changes: list[str] = []
    for key in sorted(set(found) | set(now)):
        old, new = found.get(key), now.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            changes += _changes(old, new, f"{prefix}{key}.")
        elif canonical_json(old) != canonical_json(new):
            long = isinstance(old, str) and isinstance(new, str) and len(old) == len(new) == 64
            changes.append(f"{prefix}{key}" + ("" if long else f" was {old!r}, wanted {new!r}"))
    return changes
