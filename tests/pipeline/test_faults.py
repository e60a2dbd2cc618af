"""Killed, orphaned, side by side, spoilt, short of room: the same command again gives an undisturbed run's bytes."""

from __future__ import annotations

import contextlib
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import (
    CHANGE,
    CUT_OFF,
    ONE_JOB,
    REFUSED,
    SLUG,
    STAGE,
    Started,
    cut,
    flip,
    healed,
    made,
    start,
    undisturbed_run,
    wait_until,
)
from project import Project


@pytest.fixture(scope="module")
def undisturbed(run_by_snakemake: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the job makes after the change."""
    return undisturbed_run(run_by_snakemake, tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture
def project(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> Project:
    """After a run by the engine, and after the change."""
    project = request.getfixturevalue(f"run_by_{engine}").copy(tmp_path / "project")
    project.change(CHANGE)
    return project


BY_ITSELF = {"INEQ_WARM": "0"}
"""For jobs that are looked for by their command, and held."""


def at_work(started: Started) -> bool:
    """Whether the job has begun to compute."""
    return any((started.project.root / "results/tiny/.tmp" / SLUG).glob("*"))


@pytest.mark.parametrize(
    ("engine", "who"),
    [
        ("snakemake", "job"),
        ("snakemake", "engine"),
        ("snakemake", "everything"),
        ("dvc", "engine"),
        ("dvc", "Ctrl-C"),
    ],
)
def test_killed_and_typed_again(engine: str, who: str, project: Project, undisturbed: dict[str, bytes]) -> None:
    started = start(project, *ONE_JOB[engine])
    wait_until(lambda: at_work(started))
    started.kill(who)
    assert started.process.wait(60) != 0
    project.run(*ONE_JOB[engine])
    assert started.ended() != 0
    assert made(project) == undisturbed
    assert not any((project.root / "results/tiny/.tmp").rglob("*"))


def test_terminated_while_it_selects_jobs_snakemake_ends(after_snakemake: Project) -> None:
    """Its own handler of the signal waits for a lock that its main thread holds then: it would hang for ever."""
    after_snakemake.change(CHANGE)
    started = start(after_snakemake, "snakemake", "--cores", "8", "all")
    wait_until(lambda: "cbc" in children(started.process.pid))
    started.kill("terminated")
    assert started.process.wait(120) != 0
    assert "Will exit after finishing currently running jobs" in started.said.read_text()


def children(process: int) -> set[str]:
    """Names of a process's children; quicker than asking for all processes, for some live for milliseconds."""
    found = set()
    for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
        with contextlib.suppress(OSError):
            found.add(Path(f"/proc/{child}/comm").read_text().strip())
    return found


@pytest.mark.parametrize(("name", "left"), [(".dvc/tmp/rwlock", 0), ("dvc.lock", 5_000), ("dvc.lock", 0)])
def test_a_file_that_dvc_was_writing_leaves_one_command(after_dvc: Project, name: str, left: int) -> None:
    """DVC writes them in place; the words, and the command, are those of docs/when-it-fails.md."""
    file = after_dvc.root / name
    content = file.read_bytes()
    # Of the lock, in the middle of a key: what is left of a value may be another value.
    file.write_bytes(content[: content.index(b"path:", left) + 3 if name == "dvc.lock" else left])
    done = after_dvc.run(*ONE_JOB["dvc"], check=False)
    assert done.returncode
    assert healed(after_dvc, done.stdout + done.stderr)
    page = (after_dvc.root / "docs/when-it-fails.md").read_text()
    assert all(f"`{command}`" in page for command in CUT_OFF.values())
    assert "didn't change, skipping" in after_dvc.run(*ONE_JOB["dvc"]).stdout


def test_a_killed_experiment_leaves_one_command(after_dvc: Project, undisturbed: dict[str, bytes]) -> None:
    changes = [word for key, value in CHANGE.items() for word in ("-S", f"{key}={value}")]
    command = ("dvc", "exp", "run", *changes, *ONE_JOB["dvc"][2:])
    started = start(after_dvc, *command)
    wait_until(lambda: at_work(started))
    started.kill("everything")
    started.ended()
    after_dvc.run(*command)
    assert made(after_dvc) == undisturbed
    after_dvc.git("checkout", "-q", "main")
    assert after_dvc.run("git", "branch", "--show-current").stdout == "main\n"
    assert made(after_dvc) == undisturbed


@pytest.mark.parametrize("engine", ONE_JOB)
def test_an_orphan_writes_nothing_over_the_new_run(engine: str, project: Project) -> None:
    # A job that forks from the warm process ends with its engine; one that runs by itself does not.
    project.extra = BY_ITSELF
    started = start(project, *ONE_JOB[engine])
    wait_until(lambda: at_work(started))
    (orphan,) = (job for job in started.jobs() if "python" in job.name())
    orphan.suspend()
    started.kill("engine")
    started.process.wait(60)
    project.change({"attack.radius": 2})
    project.run(*ONE_JOB[engine])
    new = made(project)
    orphan.resume()
    started.ended()
    assert made(project) == new
    said = started.said.read_text()
    assert "a newer run of this job has taken over, and this one wrote nothing" in said and "Traceback" not in said


@pytest.mark.parametrize(("engine", "other"), [("snakemake", "snakemake"), ("snakemake", "dvc"), ("dvc", "snakemake")])
def test_of_two_runs_the_second_refuses(
    engine: str, other: str, project: Project, undisturbed: dict[str, bytes]
) -> None:
    project.extra = BY_ITSELF
    first = start(project, *ONE_JOB[engine])
    wait_until(lambda: at_work(first))
    (job,) = (job for job in first.jobs() if "python" in job.name())
    job.suspend()
    second = project.run(*ONE_JOB[other], check=False)
    job.resume()
    assert first.ended() == 0, first.said.read_text()
    said = second.stdout + second.stderr
    assert second.returncode != 0 and re.search(REFUSED, said) and "Traceback" not in said, said
    assert made(project) == undisturbed


def test_what_would_pull_the_rug_away_waits_for_the_run_to_end(run_by_snakemake: Project, tmp_path: Path) -> None:
    project = run_by_snakemake.copy(tmp_path / "project")
    project.change(CHANGE)
    project.extra = BY_ITSELF
    started = start(project, *ONE_JOB["snakemake"])
    wait_until(lambda: at_work(started))
    (job,) = (job for job in started.jobs() if "python" in job.name())
    job.suspend()
    for command in (("study", "use", "digits", "--discard"), ("study", "clean", "tiny"), ("adopt",)):
        done = project.run("ineq", *command, check=False)
        assert done.returncode == 2
        assert re.fullmatch(r"ineq: process \d+ is at work in this checkout: wait until .*\n", done.stderr)
    job.resume()
    assert started.ended() == 0


@pytest.mark.parametrize("engine", ONE_JOB)
def test_spoilt_artefacts_are_made_again(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    finished: Project = request.getfixturevalue(f"run_by_{engine}")
    project, draws = finished.copy(tmp_path / "project"), random.Random(0)
    results = project.root / "results/tiny"
    flip(results / "attack/standard/input_x_gradient/noise/outcome.h5", draws)
    cut(results / "attack/standard/gradient_shap/occlusion/outcome.h5", draws)
    cut(results / "inequality/linf-0.3/integrated_gradients/record.json", draws)
    flip(results / "tables/gini.csv", draws)
    assert project.results() != finished.results()
    project.run(*{"snakemake": ("snakemake", "--cores", "8", "all"), "dvc": ("dvc", "repro")}[engine])
    assert project.results() == finished.results()


@pytest.fixture
def small(run_by_snakemake: Project, tmp_path: Path) -> Iterator[Project]:
    """A finished project whose results lie on a small file system of their own."""
    project = run_by_snakemake.copy(tmp_path / "project")
    results = project.root / "results"
    aside = results.rename(project.root / "aside")
    results.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(results)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no small file system can be had here: {mounted.stderr.strip()}")
    subprocess.run(["cp", "-a", f"{aside}/.", str(results)], check=True)
    project.change(CHANGE)
    yield project
    subprocess.run(["umount", str(results)], check=True)


def test_a_full_disk_is_one_sentence(small: Project, undisturbed: dict[str, bytes]) -> None:
    before, filler = made(small), small.root / "results" / "filler"
    with filler.open("wb", buffering=0) as stream, contextlib.suppress(OSError):
        while stream.write(b"0" * 4096):
            pass
    done = small.run(*STAGE, check=False)
    assert done.returncode == 1
    sentence = done.stderr.splitlines()[-1]
    assert re.fullmatch(r"attack: No space left on device.*; nothing was written: make room, .*", sentence)
    assert "Traceback" not in done.stderr
    assert made(small) == before
    filler.unlink()
    small.run(*STAGE)
    assert made(small) == undisturbed


def test_a_read_only_folder_is_one_sentence(small: Project, undisturbed: dict[str, bytes]) -> None:
    results = str(small.root / "results")
    subprocess.run(["mount", "-o", "remount,ro", results], check=True)
    done = small.run(*STAGE, check=False)
    subprocess.run(["mount", "-o", "remount,rw", results], check=True)
    assert done.returncode == 1
    assert re.fullmatch(r"attack: Read-only file system \(.*\); nothing was written: make .*\n", done.stderr)
    small.run(*STAGE)
    assert made(small) == undisturbed


LITTLE = """
import resource, runpy, sys
import torch, h5py, pandas, captum.attr, ineq.attribution.methods, ineq.models.job, ineq.runtime.runner
torch.nn.functional.conv2d(torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 3, 3))
used = 1024 * int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmSize")))
resource.setrlimit(resource.RLIMIT_AS, (used + 200_000_000,) * 2)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_too_little_memory_names_the_batch_size(after_snakemake: Project) -> None:
    after_snakemake.change({"runtime.batch_size": 1_000_000, "attribution.integrated_gradients.steps": 5000})
    before = after_snakemake.results()
    arguments = ("workflow/scripts/attribute.py", "--model", "standard", "--method", "integrated_gradients")
    done = after_snakemake.run(sys.executable, "-c", LITTLE, *arguments, check=False)
    assert done.returncode == 1, done.stderr
    assert "out of memory; a smaller `runtime.batch_size` takes less" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert after_snakemake.results() == before
