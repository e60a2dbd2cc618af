"""The study of seconds, with every method, plug-ins and every way to train in it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from plugged import STUDY, install, with_plugins
from project import MODELS, Project, make_project

MORE: dict[str, dict[str, Any]] = {
    "l2": {"norm": "l2", "epsilon": 0.5, "steps": 2},
    "cutout": {"cutout": 2},
    "n-fgsm": {"norm": "linf", "epsilon": 0.1, "steps": 1, "attack": "n-fgsm", "ema": 0.9},
}
"""Ways of training that the study of seconds has no model of."""
CHANGES = {
    **STUDY,
    "models": [*MODELS, "pruned", "imported", *MORE],
    "train.models": [*MODELS, *MORE],
    "maps.smoothgrad": ["standard"],
    "attribution.smoothgrad.samples": 2,
    "attribution.smoothgrad.steps": 2,
}


def with_everything(root: Path) -> Project:
    """The study of seconds with every method, two plug-ins, and a model of each way to train."""
    project = make_project(root)
    for name, recipe in MORE.items():
        shutil.copy(root / "models/tiny/standard.yaml", root / f"models/tiny/{name}.yaml")
        card = {"train": {"seed": 0, "norm": "none", "epsilon": 0.0, "steps": 0, "cutout": 0, **recipe}}
        project.change({"family": name, **card}, f"models/tiny/{name}.yaml")
    site = root / ".tools" / "site"
    site.mkdir(parents=True)
    install(site, "erase", "gradient_power")
    project.change(CHANGES)
    return with_plugins(project)
