"""Projects that both engines have run in, for all tests; copy them before changing them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from every_cpu import EVERY_CPU
from project import Project, make_project, once
from second_tier import SECOND, in_second_tier

DURATIONS = "ineq/durations"
"""Where pytest's cache has the seconds of each test of the last run, with what it waited for and cleared up: for
`make slowest`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A study on Slurm mostly waits: it comes first, so that nobody waits for it at the end."""
    items.sort(key=lambda item: "test_slurm.py" not in item.nodeid)
    for item in items:
        if any(in_second_tier(item.nodeid, entry) for entry in SECOND):
            item.add_marker(pytest.mark.slow)
        if item.nodeid.removeprefix("tests/").split("::")[0] in EVERY_CPU:
            item.add_marker(pytest.mark.every_cpu)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many cases of bad input were tried: a property's test is one test, whatever it tried."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    names = {report.nodeid: report for report in reports if getattr(report, "when", "") == "teardown"}
    counts = {name: count for name, report in names.items() for key, count in report.user_properties if key == "cases"}
    if counts:
        terminalreporter.section(f"{sum(counts.values())} cases of bad input")
        for name, count in sorted((name, count) for name, count in counts.items() if count > 2):
            terminalreporter.line(f"{count:6} {name}")
    seconds: dict[str, float] = {}
    for report in reports:
        if hasattr(report, "duration"):
            seconds[report.nodeid] = seconds.get(report.nodeid, 0) + report.duration
    if cache := getattr(terminalreporter.config, "cache", None):
        cache.set(DURATIONS, seconds)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this test run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@pytest.fixture(scope="session")
def run_by_snakemake(shared: Path) -> Project:
    """A project in which `snakemake --cores 8 all` has run. Copy it before changing it."""

    def build(folder: Path) -> None:
        make_project(folder).snakemake()

    return once(shared / "run-by-snakemake", build)


@pytest.fixture(scope="session")
def run_by_dvc(shared: Path) -> Project:
    """A project in which `dvc repro` has run, its lock committed. Copy it before changing it."""

    def build(folder: Path) -> None:
        project = make_project(folder)
        project.run("dvc", "repro")
        project.git("add", "dvc.lock")
        project.git("commit", "-q", "-m", "lock")

    return once(shared / "run-by-dvc", build)


@pytest.fixture
def after_snakemake(run_by_snakemake: Project, tmp_path: Path) -> Project:
    """A copy to change, after Snakemake."""
    return run_by_snakemake.copy(tmp_path / "project")


@pytest.fixture
def after_dvc(run_by_dvc: Project, tmp_path: Path) -> Project:
    """A copy to change, after DVC."""
    return run_by_dvc.copy(tmp_path / "project")


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Project]:
    """A project in which nothing has run."""
    yield make_project(tmp_path / "project")
