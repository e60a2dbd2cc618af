"""The report and the figures of a real run, under both engines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from browser import CHROMIUM, visit
from project import Project

from ineq.pipeline.registry import FIGURES


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_the_report_of_a_run_in_a_browser_without_network(run_by_snakemake: Project, tmp_path: Path) -> None:
    seen = visit(run_by_snakemake.root / "results" / "tiny" / "report.html", 360, True, tmp_path)
    assert (seen.requests, seen.console) == (set(), [])
    assert seen.page["wide"] <= 360 and len(seen.page["seen"]) == len(FIGURES)
    assert all(item["width"] > 200 and all(item["pictures"]) for item in seen.page["seen"])


def test_the_report_shows_versions_and_no_time(run_by_snakemake: Project) -> None:
    base = run_by_snakemake.root / "results" / "tiny"
    page = (base / "report.html").read_text()
    record = json.loads((base / "models" / "standard" / "record.json").read_text())
    assert all(version in page for version in record["code"]["packages"].values())
    started = json.loads((base / ".runs" / "report.json").read_text())["started"]
    assert started[:10] not in page


def test_figures_are_plots_for_dvc(after_dvc: Project) -> None:
    after_dvc.run("dvc", "plots", "show", "--out", "shown")
    shown = [path.name for path in (after_dvc.root / "shown").rglob("*.png")]
    assert all(any(name.endswith(f"{figure}.png") for name in shown) for figure in FIGURES)
