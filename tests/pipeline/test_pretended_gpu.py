"""A whole study on a pretended GPU, by the engine: every job succeeds, and every file is the CPU's, byte for byte."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from pretended.everything import with_everything
from project import Project, once, with_pretended_gpu

from ineq.config.study import load_study
from ineq.pipeline.gpus import needs_gpu
from ineq.pipeline.jobs import jobs


@pytest.fixture(scope="session")
def on_the_cpu(shared: Path) -> Project:
    def build(folder: Path) -> None:
        with_everything(folder).snakemake()

    return once(shared / "with-everything", build)


def test_every_job_succeeds_and_gives_the_cpus_bytes(
    on_the_cpu: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = with_pretended_gpu(with_everything(tmp_path / "gpu"))
    project.snakemake()
    wanted, found = on_the_cpu.results(), project.results()
    assert found.keys() == wanted.keys()
    records = {name for name in found if name.endswith("record.json")}
    assert not [name for name in found.keys() - records if found[name] != wanted[name]]
    # The study names plug-ins, which only the project has.
    monkeypatch.syspath_prepend(project.root / ".tools" / "site")
    with contextlib.chdir(project.root):
        ran = [one for one in jobs(load_study()) if needs_gpu(one.stage)]
    assert len(ran) > 30
    for one in ran:
        assert "gpu" in json.loads((project.root / one.log.with_suffix(".json")).read_text()), (
            "it was there that it ran"
        )
