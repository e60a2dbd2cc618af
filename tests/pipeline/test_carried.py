"""What a rule names is all that its jobs read of results: executors without a shared disk bring nothing else."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import engines
import pytest
from project import ROOT, Project, make_project

SCRIPT = """
import contextlib, json, os, runpy, sys
for folder, command in json.load(sys.stdin):
    os.chdir(folder)
    sys.argv = command.split()[1:]
    with contextlib.redirect_stdout(sys.stderr):
        runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs commands of stages, each in a folder of its own, in one process: it imports torch once."""


@pytest.fixture(scope="module")
def planned(run_by_snakemake: Project) -> dict[str, engines.EngineJob]:
    """Every job as Snakemake has it."""
    with contextlib.chdir(run_by_snakemake.root):
        return engines.from_snakemake(run_by_snakemake.root)


def bring(project: Project, job: engines.EngineJob, folder: Path) -> Path:
    """A checkout in which of all results there is only what a job's rule names."""
    shutil.copytree(project.root, folder, ignore=shutil.ignore_patterns("results", ".*", "docs", "dvc.lock"))
    for name in job.inputs:
        if name.startswith("results/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            os.link(project.root / name, folder / name)
    return folder


def test_a_job_of_each_stage_runs_on_what_its_rule_names(
    run_by_snakemake: Project, planned: dict[str, engines.EngineJob], tmp_path: Path
) -> None:
    first = {engines.job_name(command).split()[0]: job for command, job in reversed(planned.items())}
    given = [(bring(run_by_snakemake, job, tmp_path / stage), job) for stage, job in first.items()]
    commands = json.dumps([(str(folder), job.command) for folder, job in given])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=commands,
        env={**run_by_snakemake.environment(), "INEQ_WARM": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(given) > 20
    for folder, job in given:
        for name in job.outputs:
            assert (folder / name).read_bytes() == (run_by_snakemake.root / name).read_bytes(), name


def test_an_executor_without_a_shared_disk(run_by_snakemake: Project, tmp_path: Path) -> None:
    """Snakemake itself, with `--shared-fs-usage none` and an executor that brings jobs what their rules name."""
    project = make_project(tmp_path / "project")
    project.extra = {
        "PYTHONPATH": f"{project.root / 'src'}:{ROOT / 'tests' / 'carried'}",
        "CARRIED_TO": str(tmp_path / "places"),
    }
    target = "results/tiny/sample/sample.h5"
    project.run("snakemake", "--executor", "carried", "--shared-fs-usage", "none", "--jobs", "2", target)
    made = project.results()
    assert len(list((tmp_path / "places").iterdir())) == 6 and "sample/sample.h5" in made
    assert made == {name: run_by_snakemake.results()[name] for name in made}


def test_a_record_is_never_a_reason_to_run_again(after_snakemake: Project) -> None:
    """Neither a younger one, nor one that says something else of what is no cause."""
    results = after_snakemake.root / "results/tiny"
    for path in results.rglob("record.json"):
        path.touch()
    # The report shows what some records say of packages; of these none.
    for path in [*(results / "attack").rglob("record.json"), *(results / "predict").rglob("record.json")]:
        record = json.loads(path.read_text())
        record["arithmetic"]["precisions"] = ["something else"]
        path.write_text(json.dumps(record))
    assert after_snakemake.planned_by_snakemake() == set()
