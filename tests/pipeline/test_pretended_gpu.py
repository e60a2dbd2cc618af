"""A whole study on a pretended GPU, by the engine: every job succeeds, and every file is the CPU's, byte for byte."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from pretended.everything import with_everything
from project import Project, make_project, with_pretended_gpu

from ineq.config.study import load_study
from ineq.planning.jobs import jobs


def files(project: Project) -> dict[str, bytes]:
    """Every artefact but records, which may name what the GPU computed in."""
    return {name: content for name, content in project.results().items() if not name.endswith("record.json")}


def same_on_the_gpu(project: Project, on_the_cpu: Project) -> None:
    """Run a study on the pretended GPU, and hold it against what the CPU made of it."""
    with_pretended_gpu(project).snakemake()
    wanted, found = files(on_the_cpu), files(project)
    assert found.keys() == wanted.keys()
    assert [name for name in found if found[name] != wanted[name]] == []
    with contextlib.chdir(project.root):
        ran = [one for one in jobs(load_study()) if one.stage.runs_model]
    assert len(ran) > 15
    for one in ran:
        assert "gpu" in json.loads((project.root / one.log.with_suffix(".json")).read_text()), f"{one.name} ran there"


def test_every_job_succeeds_and_gives_the_cpus_bytes(run_by_snakemake: Project, tmp_path: Path) -> None:
    same_on_the_gpu(make_project(tmp_path / "gpu"), run_by_snakemake)


def test_so_does_every_method_plug_in_and_way_of_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_the_cpu = with_everything(tmp_path / "cpu")
    on_the_cpu.snakemake()
    # The study names plug-ins, which only the project has.
    monkeypatch.syspath_prepend(on_the_cpu.root / ".tools" / "site")
    same_on_the_gpu(with_everything(tmp_path / "gpu"), on_the_cpu)
