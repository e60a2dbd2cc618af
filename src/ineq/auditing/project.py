"""The folder of an audit, `audits/<name>/`: a project of one small study, whose stages and data are this project's."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

from ineq.auditing.study import AuditRequest, beside_series, on_images
from ineq.config.fields import NAME
from ineq.config.loader import PARAMS, read_yaml, write_yaml
from ineq.errors import InputError

FOLDER = Path("audits")
SHARED = ("Snakefile", "workflow", "profiles", "data")
"""What of the project the folder has links to."""


def write_project(root: Path, name: str, request: AuditRequest) -> Path:
    """Write the study of an audit, with its cards and checkpoints; returns its folder."""
    if not re.fullmatch(NAME, name):
        raise InputError(f"an audit cannot be called '{name}', expected letters, digits and . _ -, the first no sign")
    folder = root / FOLDER / name
    cards_folder = folder / "models" / name
    for made in (folder / ".dvc", folder / "studies", cards_folder):  # a run's lock lies in the first
        made.mkdir(parents=True, exist_ok=True)
    for shared in SHARED:
        _link(root / shared, folder / shared)
    content, cards = beside_series(root, name, request) if request.study else on_images(root, folder, name, request)
    for model, card in cards.items():
        write_yaml(cards_folder / f"{model}.yaml", card)
        if model in request.names:
            continue
        for file in sorted((root / "models" / request.study).glob(f"{model}.*")):
            if file.suffix != ".yaml":
                _link(file, cards_folder / file.name)
    for model, subject in zip(request.names, request.subjects, strict=True):
        shutil.copyfile(subject.checkpoint, cards_folder / f"{model}.ckpt")
    write_study(folder, content)
    return folder


def write_study(folder: Path, content: dict[str, Any]) -> None:
    """Write parameters as the folder's one study, and as its current one."""
    write_yaml(folder / "studies" / f"{content['study']}.yaml", content)
    write_yaml(folder / PARAMS, content)


def ask_for_fewer(folder: Path, images: int) -> None:
    """Sample and attack so many images only."""
    content = read_yaml(folder / PARAMS)
    content["sample"]["size"] = content["attack"]["images"] = images
    write_study(folder, content)


def _link(source: Path, target: Path) -> None:
    """Relative, so that the project can be moved."""
    if not target.is_symlink():
        target.symlink_to(os.path.relpath(source.absolute(), target.parent.absolute()))
