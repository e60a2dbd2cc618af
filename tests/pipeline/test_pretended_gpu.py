"""A whole study on a pretended GPU, by the engine: every job succeeds, and every file is the CPU's, byte for byte."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from plugged import STUDY, install, with_plugins
from project import MODELS, Project, make_project, once, with_pretended_gpu

from ineq.config.study import load_study
from ineq.pipeline.gpus import needs_gpu
from ineq.pipeline.jobs import jobs

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


@pytest.fixture(scope="session")
def on_the_cpu(shared: Path) -> Project:
    def build(folder: Path) -> None:
        with_everything(folder).snakemake()

    return once(shared / "with-everything", build)


def test_every_job_succeeds_and_gives_the_cpus_bytes(on_the_cpu: Project, tmp_path: Path) -> None:
    project = with_pretended_gpu(with_everything(tmp_path / "gpu"))
    project.snakemake()
    wanted, found = on_the_cpu.results(), project.results()
    assert found.keys() == wanted.keys()
    records = {name for name in found if name.endswith("record.json")}
    assert not [name for name in found.keys() - records if found[name] != wanted[name]]
    with contextlib.chdir(project.root):
        ran = [one for one in jobs(load_study()) if needs_gpu(one.stage)]
    assert len(ran) > 30
    for one in ran:
        assert "gpu" in json.loads((project.root / one.log.with_suffix(".json")).read_text()), (
            "it was there that it ran"
        )
