"""Disks, folders and terminals that are not like the developer's: it works, or one sentence gives the cause."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ineq import cli
from ineq.auditing.project import _link
from ineq.engines.place import refuse_braces, refuse_read_only
from ineq.errors import InputError
from ineq.provenance.file_hashes import Hashes
from ineq.runtime.runner import _publish

ROOT = Path(__file__).resolve().parents[2]
UV = """#!/bin/sh
[ "$1" = venv ] && mkdir -p .venv/bin && ln -s "$PYTHON" .venv/bin/python
exit 0
"""


@pytest.mark.parametrize("name", ["a b", "it's", 'a "b"', "$HOME", "#1 100%", "(é) & ü;", "a\\b*"])
def test_the_environment_is_made_in_a_folder_of_any_name(name: str, tmp_path: Path) -> None:
    """With a uv that does nothing; that of `make env` takes all these names."""
    folder = tmp_path / name
    for file in ("Makefile", "tools/choose_python.sh", "requirements.lock", "pyproject.toml"):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).symlink_to(ROOT / file)
    (folder / "src").mkdir()
    (folder / ".tools" / "bin").mkdir(parents=True)
    (folder / ".tools" / "bin" / "uv").write_text(UV)
    (folder / ".tools" / "bin" / "uv").chmod(0o755)
    base = os.path.realpath(sys.executable)
    done = subprocess.run(
        ["make", "env", f"PYTHON={base}"],
        cwd=folder,
        env={**os.environ, "PYTHON": base},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (folder / ".venv" / ".stamp").is_file() and [path.name for path in tmp_path.iterdir()] == [name]


def test_a_python_without_this_package_is_said(tmp_path: Path) -> None:
    """As where DVC is called by its path, and another Python is the first on PATH."""
    script = ROOT / "workflow" / "scripts" / "list_code.py"
    done = subprocess.run([sys.executable, "-S", "-I", script], cwd=tmp_path, capture_output=True, text=True)
    said = f"code: {sys.executable} has no ineq, expected this project's: `source .venv/bin/activate`\n"
    assert (done.returncode, done.stderr) == (2, said)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EDQUOT])
def test_a_command_that_cannot_write_is_one_sentence(
    code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(code, os.strerror(code), "params.yaml")

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr().err
    assert ended.value.code == 1 and said.count("\n") == 1
    assert said.startswith(f"ineq: {os.strerror(code)} (params.yaml); nothing was written: make ")


def test_results_of_others_are_read_without_a_cache(tmp_path: Path) -> None:
    (tmp_path / ".ineq").touch()  # no folder can be made here, as where one may not write
    (tmp_path / "file").write_text("text")
    hashes = Hashes(tmp_path)
    assert hashes(tmp_path / "file")
    hashes.save()


@pytest.mark.parametrize("place", [".", ".snakemake", ".ineq", "results", ".dvc/tmp"])
def test_snakemake_says_at_once_where_it_may_not_write(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".dvc").mkdir()
    refuse_read_only()
    Path(place).mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != Path(place))
    with pytest.raises(InputError, match=r"can't be written to.*`ineq explain FILE` only reads"):
        refuse_read_only()


@pytest.mark.parametrize("name", ["{x}", "a{", "}", "{{a}}"])
def test_braces_in_the_path_are_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refuse_braces()
    (tmp_path / name / "project").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / name / "project")
    with pytest.raises(InputError, match=re.escape(name) + "/project, expected a path without braces"):
        refuse_braces()


def test_files_are_moved_to_another_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other_disk(*_: Any) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    for name in ("replace", "rename"):
        monkeypatch.setattr(os, name, other_disk)
    outputs = {name: tmp_path / "disk" / name for name in ("maps", "record")}
    staged = {name: tmp_path / f"{name}.part" for name in outputs}
    for name, path in staged.items():
        path.write_text(name)
    _publish(SimpleNamespace(record=outputs["record"], outputs=outputs), staged)  # pyright: ignore[reportArgumentType]
    assert [path.read_text() for path in outputs.values()] == ["maps", "record"]
    assert not any(path.exists() for path in staged.values())


def test_an_audits_links_lead_back_from_another_disk(tmp_path: Path) -> None:
    project, disk = tmp_path / "some" / "where" / "project", tmp_path / "disk"
    for folder in (project / "data", disk / "one"):
        folder.mkdir(parents=True)
    (project / "audits").symlink_to(disk)
    _link(project / "data", project / "audits" / "one" / "data")
    assert (disk / "one" / "data").samefile(project / "data")
