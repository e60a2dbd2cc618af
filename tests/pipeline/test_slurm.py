"""A small study through real `sbatch` jobs, on a cluster of one node that the project itself brings up on loopback."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from faults import start, wait_until
from project import Project, make_project

from ineq.config.study import load_study
from ineq.planning.estimate import memory
from ineq.planning.jobs import Job, jobs

ROOT = Path(__file__).resolve().parents[2]
NODE = "workflow/profiles/slurm/node.sh"
COMMAND = "snakemake --profile workflow/profiles/slurm all"
PAGE = (ROOT / "docs/cluster.md").read_text().splitlines()
# Whoever looks only every few seconds waits longer for jobs of seconds than they take.
EAGER = ("--slurm-init-seconds-before-status-checks", "4")
MODELS = ["standard"]
SMALL: dict[str, Any] = {
    # More than one, to see that they are asked for.
    "runtime.threads": 2,
    "models": MODELS,
    "maps": {"integrated_gradients": MODELS, "input_x_gradient": [], "gradient_shap": [], "smoothgrad": []},
    "train.models": MODELS,
    "train.epochs": 1,
    "sample.models": MODELS,
    "transfer.models": MODELS,
    **{f"{stage}.models": [] for stage in ("imports", "prune", "robustness", "classes", "sensitivity")},
}

pytestmark = [
    pytest.mark.skipif(
        any(shutil.which(daemon) is None for daemon in ("slurmctld", "slurmd", "munged")),
        reason="no Slurm on this machine: apt-get install slurm-wlm munge",
    ),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can start Slurm's daemons"),
]


def tell(command: str) -> None:
    """Bring the cluster up or down, as the documentation says."""
    assert f"{NODE} {command}" in PAGE
    subprocess.run([ROOT / NODE, command], check=True, timeout=120)


@pytest.fixture
def node() -> Iterator[None]:
    """The cluster, while a test runs."""
    tell("start")
    yield
    tell("stop")


def asked(project: Project) -> dict[str, tuple[str, ...]]:
    """What Slurm says of every job it had: state, CPUs, memory and GPUs, by the rule and wildcards in its comment."""
    said = project.run("scontrol", "show", "jobs", "--oneliner").stdout
    entries = [dict(re.findall(r"(\S+?)=(\S*)", line)) for line in said.splitlines()]
    keys = ("JobState", "NumCPUs", "MinMemoryNode", "TresPerJob")
    return {entry["Comment"]: tuple(entry.get(key, "") for key in keys) for entry in entries}


def wanted(job: Job) -> tuple[str, tuple[str, ...]]:
    """The same as the registry has it."""
    comment = f"rule_{job.stage.name}" + (f"_wildcards_{'_'.join(job.axes.values())}" if job.axes else "")
    runs = job.stage.runs_model
    return comment, ("COMPLETED", "2" if runs else "1", f"{memory(job, gpu=True)}M", "gres:gpu:1" if runs else "")


def test_a_study_through_jobs_of_slurm(tmp_path: Path, node: None) -> None:
    """The same bytes as without Slurm, and every job with the threads, memory and GPU that its rule asks for."""
    project = make_project(tmp_path / "project")
    project.change(SMALL)
    alone = project.copy(tmp_path / "alone")
    alone.snakemake()
    assert COMMAND in PAGE
    project.run(*COMMAND.split(), *EAGER)
    assert asked(project) == dict(map(wanted, jobs(load_study(project.root))))
    assert project.results() == alone.results()
    assert project.planned_by_snakemake() == set()


def test_what_was_edited_while_it_waited_is_refused(tmp_path: Path, node: None) -> None:
    """A node that takes no job until the parameters have changed."""
    project = make_project(tmp_path / "project")
    project.change(SMALL)
    here = f"NodeName={project.run('sinfo', '--noheader', '--format=%n').stdout.strip()}"
    project.run("scontrol", "update", here, "State=DRAIN", "Reason=test")
    started = start(project, *COMMAND.removesuffix(" all").split(), *EAGER, "results/tiny/data/data.h5")
    wait_until(lambda: "PENDING" in project.run("squeue", "--noheader", "--format=%T").stdout)
    project.change({"data.held_out": 90})
    project.run("scontrol", "update", here, "State=RESUME")
    assert started.ended() != 0
    said = (project.root / "results/tiny/.runs/data.log").read_text()
    assert said == "data: params.yaml, or a model's card, has changed since this job was planned: start the run again\n"
    assert project.results() == {}
