"""Making another study the current one, without losing what was changed."""

from __future__ import annotations

import os
from pathlib import Path

from ineq.config.loader import PARAMS, load_parameters
from ineq.config.study import study_file
from ineq.errors import InputError


def use_study(root: Path, name: str, *, discard: bool = False) -> None:
    """Copy `studies/<name>.yaml` over `params.yaml`; `InputError` where changes would be lost, unless `discard`."""
    wanted = study_file(root, name)
    load_parameters(wanted)
    if not discard and (root / PARAMS).exists():
        _refuse_unsaved(root)
    temporary = root / f".{PARAMS}.{os.getpid()}"
    temporary.write_bytes(wanted.read_bytes())
    temporary.replace(root / PARAMS)


def _refuse_unsaved(root: Path) -> None:
    hint = "save it under studies/, or give --discard to lose it"
    try:
        current = load_parameters(root / PARAMS)
        saved = load_parameters(study_file(root, current.study))
    except InputError as error:
        raise InputError(f"params.yaml would be lost, and it is not a study's: {hint} ({error})") from None
    if current != saved:
        raise InputError(f"params.yaml differs from studies/{current.study}.yaml: {hint}")
