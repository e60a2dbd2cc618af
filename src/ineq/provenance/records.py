"""Records: what made an artefact, and whether that is what is wanted now.

A record names parameters, code, package versions and the SHA-256 of inputs and outputs. It is what keeps two engines
from handing each other's leftovers to a user: neither engine's own memory knows what the other one did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ineq.config.short_repr import one_line, short_repr
from ineq.io.text import canonical_json
from ineq.planning.jobs import Job
from ineq.provenance.code import describe_job
from ineq.provenance.file_hashes import Hashes, digests, read_json

PARTS, CODE = ("axes", "parameters", "code", "inputs", "outputs"), ("modules", "packages")
"""What a record holds, and its part `code`."""


def causes(jobs: Iterable[Job]) -> Iterator[tuple[Job, dict[str, Any]]]:
    """Each job with what its record has to say about its cause; the code of a stage, and plug-in, is looked at once."""
    codes: dict[Any, dict[str, Any]] = {}
    for job in jobs:
        stage = job.stage.name
        code = (stage, job.runs)
        if code not in codes:
            codes[code] = describe_job(*code, job.study.root)
        yield job, {"stage": stage, "axes": dict(job.axes), "parameters": job.parameters, "code": codes[code]}


def expected_cause(job: Job) -> dict[str, Any]:
    """What the record of one job has to say about its cause."""
    return next(causes([job]))[1]


def read_record(path: Path) -> dict[str, Any] | None:
    """A record, or None where there is none that can be read and has all its parts."""
    record = read_json(path)
    whole = isinstance(record.get("stage"), str) and all(isinstance(record.get(part), dict) for part in PARTS)
    return record if whole and all(isinstance(record["code"].get(part), dict) for part in CODE) else None


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
        if changes := _changes(record[part], cause[part]):
            yield f"{part} differ: {', '.join(changes)}"
    for part, paths in (("inputs", job.input_files), ("outputs", _artefacts(job))):
        current = digests(paths, hashes)
        for path in sorted(set(current) | set(record[part])):
            if current.get(path) != record[part].get(path):
                yield f"{one_line(path)} is not the file that the record names"


def _artefacts(job: Job) -> list[Path]:
    return [path for name, path in job.outputs.items() if name != "record"]


def _changes(recorded: dict[str, Any], now: dict[str, Any], prefix: str = "") -> list[str]:
    """What differs between two nested dicts, as `key was x, wanted y`."""
    changes: list[str] = []
    if _same(recorded, now):
        return changes
    for key in sorted(set(recorded) | set(now)):
        old, new = recorded.get(key), now.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            changes += _changes(old, new, f"{prefix}{key}.")
        elif not _same(old, new):
            long = isinstance(old, str) and isinstance(new, str) and len(old) == len(new) == 64
            changes.append(
                one_line(f"{prefix}{key}") + ("" if long else f" was {short_repr(old)}, expected {short_repr(new)}")
            )
    return changes


def _same(old: Any, new: Any) -> bool:
    """Whether both are the same JSON, 1 and 1.0 being two; a record may hold what has no JSON form, like NaN."""
    try:
        return canonical_json(old) == canonical_json(new)
    except (ValueError, RecursionError):
        return False
