"""Making another study the current one, without losing what was changed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from ineq.config.compose import compose, laid_over, study_file
from ineq.config.loader import PARAMS, check, read_mapping, write_yaml, yaml_text
from ineq.config.schema import Parameters
from ineq.errors import InputError


def use_study(root: Path, name: str, *, discard: bool = False) -> None:
    """Write the whole of a study as `params.yaml`; `InputError` where changes would be lost, unless `discard`."""
    content = compose(root, name)
    if not discard and (root / PARAMS).exists():
        _refuse_unsaved(root / PARAMS)
    write_yaml(root / PARAMS, content, head=_head(name, yaml_text(content)))


def _head(name: str, text: str) -> str:
    """The first line. Its digest tells a file that nobody edited, when its study or the base has become another."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"# Study {name}, the whole of it, written by `ineq study use {name}`; digest of what follows: {digest}\n"


def _refuse_unsaved(path: Path) -> None:
    hint = "save it under studies/, or give --discard to lose it"
    try:
        current = read_mapping(path)
        name = str(current.get("study"))
        head, _, rest = path.read_text(encoding="utf-8").partition("\n")
        study_file(path.parent, name)  # of one that is gone, this is the only copy
        if f"{head}\n" == _head(name, rest):
            return
        saved = compose(path.parent, name)
        # A file without newer keys has nothing in it that would be lost.
        same = _checked(laid_over(saved, current), path) == _checked(saved, path)
    except InputError as error:
        raise InputError(f"params.yaml would be lost, and it is not a study's: {hint} ({error})") from None
    if not same:
        raise InputError(f"params.yaml differs from studies/{name}.yaml: {hint}")


def _checked(content: dict[str, Any], path: Path) -> Parameters:
    return check(Parameters, content, path)
