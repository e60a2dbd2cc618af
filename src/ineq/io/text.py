"""Canonical JSON, and digests of values and files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ineq.errors import InputError


def canonical_json(value: Any, *, indent: int | None = None) -> str:
    """JSON with sorted keys, so that equal values are equal text; NaN is refused."""
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators, default=_plain
    )


def _plain(value: Any) -> Any:
    """Mappings that are no dicts as dicts; anything else is refused."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented canonical JSON, with a closing newline."""
    Path(path).write_text(canonical_json(value, indent=2) + "\n", encoding="utf-8")


def digest(value: Any) -> str:
    """SHA-256, in hex, of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256, in hex, of a file's bytes."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_sum(path: Path, expected: str | None) -> None:
    """Raise `InputError` unless it is the file with the SHA-256 on its card, which a card may not know yet."""
    if expected is None:
        raise InputError(f"{path} has no SHA-256 on its card yet: `ineq study fetch` writes it there")
    if (actual := file_digest(path)) != expected:
        raise InputError(f"{path} has the SHA-256 {actual}, expected {expected}, as its card says")
