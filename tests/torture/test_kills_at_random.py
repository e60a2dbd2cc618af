"""`make torture`: a hundred kills at random moments, and two runs started at once, twenty times."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from faults import (
    CHANGE,
    KILLS,
    ONE_JOB,
    REFUSED,
    cut,
    flip,
    healed,
    made,
    start,
    undisturbed_run,
)
from project import Project, make_project

pytestmark = pytest.mark.torture
SEED = int(os.environ.get("INEQ_SEED", 0))
WHOLE = {"snakemake": ("snakemake", "--cores", "8", "all"), "dvc": ("dvc", "repro")}
KILLED = int(os.environ.get("INEQ_KILLS", 100)) // len(WHOLE)
"""Kills of each engine."""
TRIES = 20


@pytest.mark.parametrize("engine", WHOLE)
def test_random_kills(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    finished: Project = request.getfixturevalue(f"run_by_{engine}")
    draws, kills, runs, cut_off = random.Random(SEED), dict.fromkeys(KILLS, 0), 0, 0
    project = make_project(tmp_path / "project")
    # As in the project's own checkout: what a kill spoils is taken from there again.
    (project.root / "dvc.lock").write_text("schema: '2.0'\nstages: {}\n")
    project.git("add", "dvc.lock")
    project.git("commit", "-q", "-m", "dvc.lock")
    while sum(kills.values()) < KILLED:
        started = start(project, *WHOLE[engine])
        try:
            status = started.process.wait(draws.uniform(1, 20))
        except subprocess.TimeoutExpired:
            who = draws.choice(list(KILLS))
            started.kill(who)
            kills[who] += 1
            # A kill of one job leaves the others to their engine; an engine's death leaves its jobs to us.
            started.process.wait(600)
            if draws.random() < 0.2:
                spoil(project, draws)
        else:
            said = started.said.read_text()
            if engine == "dvc" and status and healed(project, said):
                cut_off += 1
                continue
            assert status == 0, said
            assert project.results() == finished.results()
            runs += 1
            shutil.rmtree(project.root / "results")
    # The last kill may have cut them too.
    if (last := project.run(*WHOLE[engine], check=False)).returncode and healed(project, last.stdout + last.stderr):
        cut_off += 1
        project.run(*WHOLE[engine])
    print(
        f"{engine}: {sum(kills.values())} kills ({kills}), {runs + 1} whole runs, DVC's own files cut {cut_off} times"
    )
    assert project.results() == finished.results()
    assert not any((project.root / "results/tiny/.tmp").rglob("*"))


def spoil(project: Project, draws: random.Random) -> None:
    """Spoil one file of the results."""
    files = sorted(project.root / "results/tiny" / name for name, content in project.results().items() if content)
    if files:
        draws.choice((flip, cut))(draws.choice(files), draws)


def test_two_runs_at_once(run_by_snakemake: Project, run_by_dvc: Project, tmp_path: Path) -> None:
    undisturbed = undisturbed_run(run_by_snakemake, tmp_path / "undisturbed")
    draws, told = random.Random(SEED), {"refused": 0, "waited": 0}
    for number in range(TRIES):
        engines = draws.choices(list(ONE_JOB), k=2)
        # Snakemake plans by records what DVC has run, not the other way round.
        project = (run_by_dvc if "dvc" in engines else run_by_snakemake).copy(tmp_path / f"{number}")
        project.change(CHANGE)
        first = start(project, *ONE_JOB[engines[0]])
        time.sleep(draws.uniform(0, 6))
        second = start(project, *ONE_JOB[engines[1]])
        ends = first.ended(), second.ended()
        for status, one in zip(ends, (first, second), strict=True):
            said = one.said.read_text()
            assert "Traceback" not in said
            assert status == 0 or re.search(REFUSED, said), said
        told["waited" if ends == (0, 0) else "refused"] += 1
        project.run(*ONE_JOB[engines[0]])
        assert made(project) == undisturbed
        shutil.rmtree(project.root)
    print(told)
