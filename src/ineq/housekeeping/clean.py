"""Removing what a study made."""

from __future__ import annotations

import shutil
from pathlib import Path

from ineq.config.study import study_file
from ineq.provenance.stale import ASIDE
from ineq.runtime.runner import STATE


def clean(root: Path, name: str) -> list[Path]:
    """Remove a study's results, what was moved aside of them, and half-done trainings; returns what was there.

    Parameters, cards, models, published results and other studies stay, and so does what DVC keeps in its own cache.
    Raises `InputError` for an unknown study.
    """
    study_file(root, name)
    folders = (root / "results" / name, root / ASIDE / "results" / name, root / STATE / name)
    present = [folder for folder in folders if folder.is_dir()]
    for folder in present:
        place = folder.resolve()
        shutil.rmtree(place)
        if folder.is_symlink():  # to another disk, where the next results go, too
            place.mkdir()
    return present
