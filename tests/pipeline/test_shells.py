"""Engines and commands in other shells than the developer's, with a study of seconds."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from project import Project, make_project

DATA, LOG = "results/tiny/data/data.h5", "results/tiny/.runs/data.log"
BIN = Path(sys.executable).parent


@pytest.fixture
def odd(tmp_path: Path) -> Project:
    """In a folder with odd letters, and results on what stands for another disk."""
    project = make_project(tmp_path / "it's a $HOME #1 100% é")
    (tmp_path / "disk").mkdir()
    (project.root / "results").mkdir()
    (project.root / "results" / "tiny").symlink_to(tmp_path / "disk")
    return project


def bare(project: Project, *command: str) -> tuple[str, ...]:
    """As cron and editors call a program: by its path, with no other variable, and a home that can't be written."""
    variables = ("PATH=/usr/bin:/bin", "HOME=/proc/none", f"PYTHONPATH={project.root / 'src'}")
    return ("env", "-i", *variables, str(BIN / command[0]), *command[1:])


def test_snakemake_by_its_path_and_results_behind_a_link(odd: Project) -> None:
    odd.run(*bare(odd, "snakemake", "--cores", "1", DATA))
    explained = odd.run(*bare(odd, "ineq", "explain", DATA)).stdout
    assert "Nothing has changed since" in explained
    assert f"{os.sep}disk{os.sep}" not in explained, "by the name that jobs have for it"
    odd.run(*bare(odd, "ineq", "study", "clean", "tiny"))
    assert (odd.root / "results" / "tiny").is_symlink() and not any((odd.root / "results" / "tiny").iterdir())


def test_a_log_that_is_named_says_something(odd: Project) -> None:
    script = odd.root / "workflow" / "scripts" / "data.py"
    script.write_text("import nowhere\n")
    said = odd.run("snakemake", "--cores", "1", DATA, check=False).stderr
    assert "No module named 'nowhere'" in said
    assert said.rstrip().endswith("failed: python workflow/scripts/data.py: see above")


def test_a_terminal_that_lacks_letters(fresh: Project) -> None:
    fresh.extra["PYTHONIOENCODING"] = "ascii"
    assert r"10 \xd7 10" in fresh.run("ineq", "study", "estimate", "--tflops", "10").stdout


def test_adopting_without_git_says_why_it_fails(after_snakemake: Project) -> None:
    shutil.rmtree(after_snakemake.root / ".git")
    done = after_snakemake.run("ineq", "adopt", check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("ineq: `dvc commit --force` failed:\n") and "is not a git repository" in done.stderr
