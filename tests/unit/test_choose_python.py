"""Which Python `make env` takes, and what it says where none suits. The Pythons pretend to be of another version."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from documented import ROOT

WANTED = "Python 3.11 to 3.14 with its module venv (Debian: python3-venv) is needed, found"
PYTHON = """#!/bin/sh
[ "$1" = -c ] || {{ echo "Python {version}"; exit; }}
exec {python} -c 'import ensurepip, sys, venv
sys.version_info, sys.abiflags = (*map(int, "{version}".strip("t").split(".")), 0), "t" * ("t" in "{version}")
{without}
exec(sys.argv[1])' "$2"
"""
UV = """#!/bin/sh
case "$*" in venv*) mkdir -p .venv/bin; cp "$5" .venv/bin/python;; esac
"""


def program(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def python(path: Path, version: str, without: str = "") -> str:
    """One that lies about its version, and has no module `without`."""
    without = without and f'sys.modules["{without}"] = None'
    return program(path, PYTHON.format(python=sys.executable, version=version, without=without))


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder of programs, without a Python."""
    (tmp_path / "bin").mkdir()
    for name in ("bash", "cp", "grep", "make", "mkdir", "paste", "sh", "touch", "tr"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or name)
    return tmp_path / "bin"


def run(installed: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command where nothing else is installed, in an entered environment."""
    path = f"{installed.parent}/.venv/bin:{installed}"
    return subprocess.run(command, cwd=installed.parent, env={"PATH": path}, capture_output=True, text=True)


def choose(installed: Path, named: str = "") -> str:
    """The Python that is chosen, or the sentence."""
    done = run(installed, "sh", str(ROOT / "tools/choose_python.sh"), named)
    assert (done.returncode, bool(done.stderr)) in ((0, False), (2, True))
    return (done.stdout + done.stderr).removesuffix("\n")


def test_the_newest_that_suits(installed: Path) -> None:
    python(installed / "python3", "3.11")
    assert choose(installed) == f"{installed}/python3"
    for version in ("3.10", "3.12", "3.13", "3.15"):
        python(installed / f"python{version}", version)
    python(installed / "python3.14", "3.14", without="ensurepip")
    assert choose(installed) == f"{installed}/python3.13"
    python(installed / "python3.14", "3.14")
    assert choose(installed) == f"{installed}/python3.14"


def test_the_environments_own_is_kept_while_it_suits(installed: Path) -> None:
    newest = python(installed / "python3.14", "3.14")
    own = Path(".venv/bin/python")
    python(installed.parent / own, "3.12")
    assert choose(installed) == str(own)
    python(installed.parent / own, "3.10")
    assert choose(installed) == newest


def test_the_named_one(installed: Path) -> None:
    """By name or path; in an entered environment `python3` is still the system's."""
    python(installed / "python3.14", "3.14")
    python(installed.parent / ".venv/bin/python3", "3.12")
    elsewhere = python(installed.parent / "else where" / "python", "3.11")
    assert choose(installed, "python3") == f"PYTHON=python3: {WANTED} none"
    system = python(installed / "python3", "3.13")
    assert choose(installed, "python3") == system and choose(installed, elsewhere) == elsewhere


def test_what_is_said_where_none_suits(installed: Path) -> None:
    assert choose(installed) == f"{WANTED} none"
    python(installed / "python3", "3.9")
    program(installed / "python3.13", "#!/bin/sh\nexit 127\n")
    python(installed / "python3.12", "3.12", without="venv")
    assert choose(installed) == (f"{WANTED} python3.13 (does not run), python3.12 (3.12 without venv), python3 (3.9)")


@pytest.mark.parametrize("version", ["3.10", "3.14t", "3.15", "2.7"])
def test_a_named_one_that_does_not_suit(installed: Path, version: str) -> None:
    python(installed / "mine", version)
    assert choose(installed, "mine") == f"PYTHON=mine: {WANTED} mine ({version})"


@pytest.fixture
def checkout(installed: Path) -> Path:
    """Makefile and script, with a uv that only makes `.venv`."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml", "tools/choose_python.sh"):
        (installed.parent / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, installed.parent / name)
    program(installed.parent / ".tools/bin/uv", UV)
    return installed.parent


def test_make_env_keeps_the_environment_until_another_version_is_named(installed: Path, checkout: Path) -> None:
    python(installed / "python3.13", "3.13")
    for arguments, version in (([], "3.13"), ([], "3.13"), (["PYTHON=python3.14"], "3.14"), ([], "3.14")):
        assert run(installed, "make", "env", *arguments).returncode == 0
        assert run(installed, ".venv/bin/python", "-V").stdout == f"Python {version}\n"
        python(installed / "python3.14", "3.14")
        (checkout / "requirements.lock").touch()


def test_make_env_says_it_before_anything_is_downloaded(installed: Path, checkout: Path) -> None:
    shutil.rmtree(checkout / ".tools")
    python(installed / "python3", "3.9")
    done = run(installed, "make", "env")
    sentence, make = done.stderr.splitlines()
    assert (done.returncode, sentence) == (2, f"{WANTED} python3 (3.9)") and make.endswith("Error 2")
    assert not (checkout / ".tools").exists() and not (checkout / ".venv").exists()


def test_the_oldest_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11" and "With Python 3.11 to 3.14," in (ROOT / "README.md").read_text()
