"""Whether the versions that pyproject.toml asks for are as low as it says; after `make env`, and with a Python 3.11:

    python tools/lowest.py           with the lowest ones, unit tests pass, and both engines make a study's same bytes
    python tools/lowest.py library   the library works where it is installed with the lowest ones and no extra
    python tools/lowest.py beside    installed beside packages that people have, the project changes none of them

The first takes a quarter of an hour, and writes down in tools/lowest.txt with which versions it passed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TESTS = ["tests/unit", "tests/pipeline/test_drift.py", "tests/pipeline/test_engines.py"]
LOWEST = ["--resolution", "lowest-direct", "--requirements", "pyproject.toml"]
THEIRS = [
    "robustbench==1.1.1",
    "timm==1.0.9",
    "torch==2.5.1",
    "numpy==1.26.4",
    "pandas==2.2.3",
]
BESIDE = {
    ".": [],
    # Snakemake, which is pinned, asks for an older one: who has a newer one gets that with it.
    ".[workflow]": ["packaging<26"],
}
"""The library and all of the project, and what people are to have besides."""


class Environment:
    """A new environment, of the oldest Python that the project takes: the oldest packages have wheels for no other."""

    def __init__(self, name: str) -> None:
        self.bin = ROOT / ".lowest" / name / "bin"
        python = PROJECT["requires-python"].removeprefix(">=")
        self._uv("venv", "--quiet", "--clear", "--python", python, str(self.bin.parent))

    def _uv(self, *words: str) -> str:
        return _ended_well([str(ROOT / ".tools/bin/uv"), *words], stdout=subprocess.PIPE)

    def install(self, *words: str) -> None:
        """Install what the words of `uv pip install` say."""
        self._uv("pip", "install", "--quiet", "--python", str(self.bin / "python"), *words)

    def installed(self) -> set[str]:
        """A line for each package, with its version."""
        return set(self._uv("pip", "freeze", "--quiet", "--python", str(self.bin / "python")).splitlines())

    def run(self, *command: str) -> None:
        """Run a command that is found there first; it has to end well."""
        _ended_well(command, env=os.environ | {"PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}"})


def _ended_well(command: Sequence[str], **options: Any) -> str:
    done = subprocess.run(command, cwd=ROOT, text=True, **options)
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout


def lowest() -> None:
    """Test the lowest versions of what pyproject.toml names, and write them down."""
    there = Environment("versions")
    there.install(*LOWEST, "--extra", "workflow")
    there.install("--no-deps", "--editable", ".")
    versions = there.installed()
    there.install("pytest", "pytest-xdist", "hypothesis")
    assert versions <= there.installed(), "what tests needs nothing newer"
    # All but the one that holds what is written down here against pyproject.toml.
    others = ["--deselect", "tests/unit/test_floors.py"]
    there.run("pytest", "-n", "2", "--dist", "worksteal", "--disable-warnings", *others, *TESTS)
    extras = PROJECT["optional-dependencies"]
    every = [*PROJECT["dependencies"], *extras["workflow"], *extras["report"], *extras["robustness"]]
    names = {re.split(r"[^\w.-]", asked)[0].lower().replace(".", "-") for asked in every} - {"ineq"}
    passed = sorted(line for line in versions if line.split("==")[0] in names)
    (ROOT / "tools/lowest.txt").write_text("".join(f"{line}\n" for line in passed), encoding="utf-8")


def library() -> None:
    """Run what the library promises, where nothing else is installed."""
    there = Environment("library")
    there.install(*LOWEST)
    there.install("--no-deps", "--editable", ".")
    there.run("python", "tests/library_alone.py")


def beside() -> None:
    """Install the library, then all of the project, where packages of their users are, and see that none is changed."""
    for project, more in BESIDE.items():
        there = Environment("beside")
        there.install(*THEIRS, *more)
        before = there.installed()
        there.install("--editable", project)
        if changed := before - there.installed():
            sys.exit(f"{project}: no longer as they were: {', '.join(sorted(changed))}")
        print(f"{project}: {len(before)} packages are as they were")


if __name__ == "__main__":
    {"beside": beside, "library": library}.get(" ".join(sys.argv[1:]), lowest)()
