"""Templates are files of the package, and code of the stages that show them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jinja2
import pandas as pd
import pytest
from findings import findings
from plugged import build
from reports import claims, make_report, papers
from small_results import SETTINGS, results_of_two

from ineq.analysis.build import build_tables
from ineq.analysis.study_results import StudyResults
from ineq.gallery.build import gallery
from ineq.paper.summary import markdown as paper
from ineq.planning.registry import STAGES
from ineq.provenance.code import PACKAGE, TEMPLATES, describe_stage
from ineq.report import render
from ineq.report.captions import captions
from ineq.report.summary import markdown

ROOT = Path(__file__).resolve().parents[2]
FILES = {path.name for path in TEMPLATES.iterdir()}


def shown_by(stage: str) -> set[str]:
    return FILES & set(describe_stage(stage, ROOT)["modules"])


def test_every_template_is_code_of_a_stage() -> None:
    assert set().union(*map(shown_by, STAGES)) == FILES
    assert shown_by("tables") == {"summary.md.j2", "words.j2"} and shown_by("figures") == {"captions.j2", "words.j2"}
    # Named by a template only, not by a module.
    assert {"style.css", "gallery.html.j2", "words.j2"} < shown_by("report") and "captions.j2" not in shown_by("report")
    assert shown_by("paper") - shown_by("report") == {"paper.md.j2", "claims.md.j2", "sensitivity.md.j2"}
    assert shown_by("attribute") == set()


def _summary() -> str:
    two = results_of_two()
    return markdown(StudyResults(two.cards, build_tables(two, SETTINGS)), two.sample, SETTINGS)


SHOWING: dict[str, Callable[[Path], object]] = {
    "tables": lambda _: _summary(),
    "paper": lambda _: paper(papers(), pd.DataFrame(), claims()),
    "figures": lambda _: captions(findings(), 2),
    "gallery": lambda _: gallery(findings(), 4),
    "report": make_report,
}


@pytest.mark.parametrize("stage", SHOWING)
def test_what_is_shown_is_what_the_digest_counts(stage: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A template whose name is put together would be shown, and not be counted."""
    read: set[str] = set()
    get_source = jinja2.PackageLoader.get_source

    def noted(self: jinja2.PackageLoader, environment: jinja2.Environment, template: str):
        read.add(template)
        return get_source(self, environment, template)

    monkeypatch.setattr(jinja2.PackageLoader, "get_source", noted)
    render.environment.cache_clear()
    SHOWING[stage](tmp_path)
    # A made-up report also draws its figures and chooses its images.
    others = shown_by("figures") | shown_by("gallery") if stage == "report" else set()
    assert read == shown_by(stage) | others


def test_an_edit_is_of_the_stages_that_show_the_template(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "ineq")
    program = "from ineq.provenance.code import describe_stage as d; [print(s, d(s)) for s in {}]"
    command = [sys.executable, "-c", program.format(list(STAGES))]

    def described() -> dict[str, str]:
        environment = {"PYTHONPATH": str(tmp_path)}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        return dict(line.split(" ", 1) for line in done.stdout.splitlines())

    before = described()
    for name, stages in {
        "style.css": {"report"},
        "page.html.j2": {"report"},
        "captions.j2": {"figures"},
        "summary.md.j2": {"tables"},
        "paper.md.j2": {"paper"},
        "words.j2": {"tables", "figures", "report"},
    }.items():
        file = tmp_path / "ineq/report/templates" / name
        text = file.read_text(encoding="utf-8")
        file.write_text(f"{text}\n", encoding="utf-8")
        after = described()
        file.write_text(text, encoding="utf-8")
        assert {stage for stage in STAGES if after[stage] != before[stage]} == stages, name


def test_a_wheel_holds_them_all(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    build(copy, tmp_path / "site")
    assert {path.name for path in (tmp_path / "site/ineq/report/templates").iterdir()} == FILES


def test_a_value_that_is_missing_is_no_blank() -> None:
    with pytest.raises(jinja2.UndefinedError, match="number"):
        render.words("groups.j2", "first")


def test_html_is_escaped_and_nothing_else() -> None:
    autoescape = render.environment().autoescape
    assert callable(autoescape) and {name for name in FILES if autoescape(name)} == {"page.html.j2", "gallery.html.j2"}
