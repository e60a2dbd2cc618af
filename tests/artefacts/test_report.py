"""The report and the figures of a real run, under both engines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from browser import CHROMIUM, browser
from project import Project

from ineq.stages.figures import FIGURES


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_the_report_of_a_run_in_a_browser_without_network(run_by_snakemake: Project, tmp_path: Path) -> None:
    with browser(tmp_path) as page:
        page.open(run_by_snakemake.root / "results" / "tiny" / "report.html", 360, True)
        assert (page.requests, page.console) == (set(), [])
        assert page.run("document.documentElement.scrollWidth") <= 360
        figures = page.run("[...document.querySelectorAll('.card svg')].map(e => e.getBoundingClientRect().width)")
        assert len(figures) == len(FIGURES) and min(figures) > 200
        widths = page.run("[...document.images].map(e => e.naturalWidth)")
        assert len(widths) > 4 * 2 * 2 and all(widths), "a thumbnail, and of each model two maps, at least"


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
