"""Making another study the current one without losing what was changed, and whether params.yaml is behind its own."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from ineq.config.compose import compose, laid_over, study_file
from ineq.config.fields import leaves
from ineq.config.loader import PARAMS, check, content_of, read_mapping, renamed_keys, write_yaml, yaml_text
from ineq.config.schema import Parameters
from ineq.config.short_repr import one_line
from ineq.config.study import checked_study
from ineq.errors import InputError

HEAD = re.compile(r"# Study (\S+), the whole .*; digest of what follows: (\w+)(?:, of the study's file: (\w+))?\n")
"""The first line. Its digests tell a file that nobody edited, and one whose study's file was edited since."""
SHOWN = 5
"""Keys that differ which are named."""


def use_study(root: Path, name: str, *, discard: bool = False) -> None:
    """Write the whole of a study as `params.yaml`; `InputError` where changes would be lost, unless `discard`."""
    content, file = compose(root, name), study_file(root, name)
    checked_study(root, Parameters.model_validate(content), file)
    if not discard and (root / PARAMS).exists():
        _refuse_unsaved(root / PARAMS)
    head = f"# Study {name}, the whole of it, written by `ineq study use {name}`; digest of what follows: "
    digests = f"{_digest(yaml_text(content).encode())}, of the study's file: {_digest(content_of(file))}\n"
    write_yaml(root / PARAMS, content, head=head + digests)


def notices(root: Path = Path(".")) -> list[str]:
    """What whoever reads `params.yaml` should know of it, and is no mistake: a sentence each."""
    return [sentence for sentence in (behind_study(root), earlier_keys(root)) if sentence]


def earlier_keys(root: Path = Path(".")) -> str:
    """A sentence that gives today's names of keys that `params.yaml` still calls by an earlier one; else empty."""
    try:
        keys = list(renamed_keys(read_mapping(root / PARAMS), Parameters))
    except InputError:
        return ""
    named = ", ".join(f"'{earlier}' is '{today}'" for earlier, today in keys)
    return f"params.yaml: these keys have new names, and are still read: {named}" if keys else ""


def behind_study(root: Path = Path(".")) -> str:
    """A sentence where the study's file was edited since `params.yaml` was written, and the two differ; else empty.

    An edit of `params.yaml` alone is nobody's mistake, and a mistake in the study's file is for `use_study` to tell.
    """
    try:
        head = HEAD.match(content_of(root / PARAMS).decode())
        name = head[1] if head else ""
        if not head or head[3] in (None, _digest(content_of(study_file(root, name)))):
            return ""
        current = read_mapping(root / PARAMS)
        keys = _differing(root / PARAMS, current, compose(root, name)) if current.get("study") == name else []
    except (InputError, UnicodeDecodeError):
        return ""
    here = f"studies/{name}.yaml was edited after params.yaml was written from it, and differs in {_few(keys)}"
    return f"{here}: `ineq study use {name}` writes it anew" if keys else ""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _refuse_unsaved(path: Path) -> None:
    hint = "save it under studies/, or give --discard to lose it"
    try:
        current = read_mapping(path)
        name = str(current.get("study"))
        text = path.read_text(encoding="utf-8")
        head = HEAD.match(text)
        rest = text[head.end() :] if head else text
        file = study_file(path.parent, name)  # of one that is gone, this is the only copy
        if head and head[1] == name and head[2] == _digest(rest.encode()):
            return
        saved = compose(path.parent, name)
        keys = _differing(path, current, saved)
    except InputError as error:
        raise InputError(f"params.yaml would be lost, and it is not a study's: {hint} ({error})") from None
    if keys:
        raise InputError(f"params.yaml differs from studies/{name}.yaml in {_few(keys)}: {hint}")
    if lost := _comments(rest) - _comments(file.read_text(encoding="utf-8") + yaml_text(saved)):
        raise InputError(f"params.yaml has a comment that would be lost, '{one_line(min(lost))}': {hint}")


def _differing(path: Path, current: dict[str, Any], saved: dict[str, Any]) -> list[str]:
    """Keys whose values differ between a file and its study; one without newer keys has nothing else in these."""
    one, other = (dict(leaves(check(Parameters, content, path))) for content in (laid_over(saved, current), saved))
    return [key for key in {**one, **other} if one.get(key) != other.get(key)]


def _few(keys: list[str]) -> str:
    more = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
    return ", ".join(map(one_line, keys[:SHOWN])) + more


def _comments(text: str) -> set[str]:
    """What may be a comment in YAML: a text in quotes with a # is there before and after."""
    return {comment.strip() for comment in re.findall(r"(?:^|\s)(#.*)$", text, re.MULTILINE)}
