"""The study of seconds in another folder, by another user, in another language and time zone, on another CPU."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from project import Project, make_project, once

AVX2 = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
"""With these torch uses no newer instructions, on any machine."""
TURKISH = "tr_TR.UTF-8"
"""A locale in which numbers have a comma, and i is not the small I."""
SOURCES = Path("/usr/share/i18n/locales/tr_TR")
SOMEBODY = ("unshare", "--user", "--map-user=4321", "--map-group=4321")


def run_as_somebody_else(project: Project, home: Path, **variables: str) -> None:
    """Snakemake under another name and user id, where the system lets us, with files that nobody else may read."""
    home.mkdir()
    project.extra = {"HOME": str(home), "USER": "somebody", "LOGNAME": "somebody", **variables}
    allowed = shutil.which("unshare") and not subprocess.run([*SOMEBODY, "true"], capture_output=True).returncode
    command = "umask 077; exec snakemake --cores 8 all"
    project.run(*(SOMEBODY if allowed else ()), "sh", "-c", command)


def turkish(folder: Path) -> dict[str, str]:
    """What makes it the locale of a process; it is compiled here, where the system has its sources."""
    folder.mkdir()
    if SOURCES.exists():
        subprocess.run(["localedef", "-i", "tr_TR", "-f", "UTF-8", str(folder / TURKISH)], check=True)
    return {"LC_ALL": TURKISH, "LANG": TURKISH, "LOCPATH": str(folder)}


def test_every_byte_is_the_same_elsewhere_records_too(run_by_snakemake: Project, tmp_path: Path) -> None:
    project = make_project(tmp_path / "another" / "folder")
    run_as_somebody_else(project, tmp_path / "home", TZ="Asia/Kolkata", **turkish(tmp_path / "locales"))
    wanted, found = run_by_snakemake.results(), project.results()
    assert found.keys() == wanted.keys() and any(name.endswith("record.json") for name in found)
    assert [name for name in found if found[name] != wanted[name]] == []


def on_avx2(root: Path, **variables: str) -> Project:
    project = make_project(root)
    project.extra = {**AVX2, **variables}
    project.snakemake()
    return project


@pytest.fixture(scope="session")
def run_on_avx2(shared: Path) -> Project:
    return once(shared / "run-on-avx2", on_avx2)


def test_a_cpu_without_newer_instructions_gives_the_same_bytes_each_time(run_on_avx2: Project, tmp_path: Path) -> None:
    project = on_avx2(tmp_path / "again", LC_ALL="C", TZ="America/St_Johns")
    wanted, found = run_on_avx2.results(), project.results()
    assert found.keys() == wanted.keys()
    assert [name for name in found if found[name] != wanted[name]] == []


def test_the_warm_start_keeps_to_these_variables(run_on_avx2: Project) -> None:
    runs = [json.loads(path.read_text()) for path in (run_on_avx2.root / "results/tiny/.runs").glob("*.json")]
    used = {run["instructions"] for run in runs if "instructions" in run}
    assert used == {"AVX2"}
