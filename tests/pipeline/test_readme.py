"""The commands of the README and of docs/studies.md, and the code of docs/install.md, run as they stand."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from documented import ROOT, commands, run_by
from project import Project

INSTALL = (ROOT / "docs/install.md").read_text()


def test_the_verbatim_commands_are_there() -> None:
    wanted = {"make all", "make test", "snakemake --cores 8 all", "dvc repro", "dvc exp run -S attack.radius=20"}
    assert wanted <= set(commands(ROOT / "README.md"))


@pytest.mark.parametrize("command", sorted(set(run_by("test_make_targets_exist"))))
def test_make_targets_exist(command: str, fresh: Project) -> None:
    """Running them here would run this test; the others below are what they run."""
    assert fresh.run(*command.split(), "--dry-run").returncode == 0


def test_the_commands_run(after_dvc: Project) -> None:
    """All of them, one after another, where `dvc repro` has run; the study of seconds stands for digits."""
    for command in run_by("test_the_commands_run"):
        done = after_dvc.run(*command.replace("study use digits", "study use tiny --discard").split(), timeout=500)
        assert "Traceback" not in done.stderr


def test_the_python_example_runs(tmp_path: Path) -> None:
    code = re.findall(r"```python\n(.*?)```", INSTALL, re.DOTALL)
    (tmp_path / "example.py").write_text("\n".join(code))
    said = Project(ROOT).run(sys.executable, str(tmp_path / "example.py")).stdout
    assert len(said.splitlines()) >= 2 and "gini_regional" in said and len(code) == 2
