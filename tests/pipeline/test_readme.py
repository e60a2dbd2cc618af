"""The README's commands and code run as they stand."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from project import Project

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
BASH = [line for block in re.findall(r"```bash\n(.*?)```", README, re.DOTALL) for line in block.splitlines() if line]
MAKE = [line for line in BASH if line.startswith("make ")]


def test_the_verbatim_commands_are_there() -> None:
    wanted = {"make all", "make test", "snakemake --cores 8 all", "dvc repro", "dvc exp run -S attack.radius=20"}
    assert wanted <= set(BASH)


@pytest.mark.parametrize("command", MAKE)
def test_make_targets_exist(command: str, fresh: Project) -> None:
    """Running them here would run this test; the others below are what they run."""
    assert fresh.run(*command.split(), "--dry-run").returncode == 0


def test_the_commands_run(after_dvc: Project) -> None:
    """All of them, one after another, where `dvc repro` has run; the study of seconds stands for digits."""
    for command in BASH:
        if command not in MAKE:
            done = after_dvc.run(*command.replace("study use digits", "study use tiny --discard").split(), timeout=500)
            assert "Traceback" not in done.stderr


def test_the_python_example_runs(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (tmp_path / "example.py").write_text(code)
    said = Project(ROOT).run(sys.executable, str(tmp_path / "example.py")).stdout.splitlines()
    assert len(said) >= 2


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
