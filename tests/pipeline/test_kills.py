"""A training of two epochs, killed between them with the engine that runs it, ends with an undisturbed run's bytes."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from project import Project

MODEL = "linf-0.3"
FOLDER = f"results/tiny/models/{MODEL}"
COMMANDS = {
    "snakemake": ("snakemake", "--cores", "8", f"{FOLDER}/checkpoint.safetensors"),
    "dvc": ("dvc", "repro", "--single-item", f"train@tiny-{MODEL}"),
}


def killed_after_one_epoch(project: Project, command: tuple[str, ...]) -> None:
    """Start the engine, and kill it and all that it started as soon as the first epoch is over."""
    process = subprocess.Popen(
        command,
        cwd=project.root,
        env=project.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    for line in process.stdout:
        if "epoch 1/2" in line:
            os.killpg(process.pid, signal.SIGKILL)
            break
    process.communicate()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("engine", COMMANDS)
def test_killed_between_two_epochs(run_by_snakemake: Project, run_by_dvc: Project, engine: str, tmp_path: Path) -> None:
    project = {"snakemake": run_by_snakemake, "dvc": run_by_dvc}[engine].copy(tmp_path / "killed")
    undisturbed = run_by_snakemake.copy(tmp_path / "undisturbed")
    for one in (project, undisturbed):
        one.change({"train.epochs": 2})
    killed_after_one_epoch(project, COMMANDS[engine])
    assert (project.root / f".ineq/state/tiny/train-{MODEL}").is_file()
    assert not (project.root / FOLDER / "record.json").exists()
    done = project.run(*COMMANDS[engine])
    assert "training goes on after epoch 1" in done.stdout + done.stderr
    undisturbed.run("python", "workflow/scripts/train.py", "--model", MODEL)
    for name in ("checkpoint.safetensors", "training.csv", "record.json"):
        assert (project.root / FOLDER / name).read_bytes() == (undisturbed.root / FOLDER / name).read_bytes(), name
