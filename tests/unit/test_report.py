"""The report: one file that asks for nothing, shows every table and figure, and takes its words from the run."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from browser import CHROMIUM, Visit, visit
from findings import METHOD, findings

from ineq.figures.build import FIGURES, build_figures
from ineq.pipeline import registry
from ineq.report.content import NOTES, SECTIONS, facts, lead, wide
from ineq.report.page import cell, render

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
PARAMETERS = {
    "models": ["standard", "linf-0.3"],
    "tables.cells": [{"count": 2, "radius": 1}],
    "card.standard.title": "a <b>title</b>",
    "card.linf-0.3.title": "another",
}
RECORDS = [{"code": {"packages": {"torch": "2.1", "numpy": "2.4"}}}, {"code": {"packages": {"torch": "2.0"}}}]


def contrasts(*intervals: tuple[float, float]) -> pd.DataFrame:
    rows = [{"model": "standard", "attack": "noise", "low": low, "high": high} for low, high in intervals]
    return pd.DataFrame(rows, columns=["model", "attack", "low", "high"])


def tables() -> dict[str, pd.DataFrame]:
    pairs = pd.DataFrame({"model": ["linf-0.3"], "against": ["standard"], "p": [0.001234567]})
    families = pd.DataFrame({"family": ["<script>alert(1)</script>"], "mean": [0.5]})
    attacked = pd.DataFrame({"model": ["standard"], "attack": ["pgd"], "accuracy": [0.5], "consistent": [True]})
    compared = {
        "contrasts": contrasts((0.1, 0.2), (-0.1, 0.2), (-0.3, -0.1)),
        "pairs": pairs,
        "families": families,
        "robustness": attacked,
        "claims": pd.DataFrame({"claim": ["a > b"], "verdict": ["supported"]}),
        "sensitivity": pd.DataFrame({"convention": ["another"], "difference": [0.25]}),
    }
    return {**findings().tables, **compared, **facts(PARAMETERS, RECORDS)}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    outputs = {name: folder / f"{name}.svg" for name in FIGURES}
    words = build_figures(findings(), 2, outputs | {f"{name}_png": folder / f"{name}.png" for name in FIGURES})
    figures = {name: path.read_text() for name, path in outputs.items()}
    page = render("made-up", tables(), figures, words)
    assert page == render("made-up", tables(), figures, words)
    path = folder / "report.html"
    path.write_text(page)
    return path


def test_every_figure_and_table_has_its_place() -> None:
    assert sorted(name for section in SECTIONS for name in section.figures) == sorted(registry.FIGURES)
    placed = [name for section in SECTIONS for name in section.tables]
    assert sorted(placed) == sorted(NOTES) and set(registry.TABLES) <= set(placed)


def test_it_is_self_contained_and_escapes_what_users_write(report: Path) -> None:
    page = report.read_text()
    assert "default-src 'none'" in page and "<script" not in page
    links = re.findall(r'(?:src|href)="([^"]*)"', page) + re.findall(r"url\(([^)]*)\)", page)
    assert {link[0] for link in links if not link.startswith("data:")} == {"#"}
    assert "&lt;script&gt;alert(1)" in page and "a &lt;b&gt;title&lt;/b&gt;" in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_it_shows_every_figure_table_and_fact(report: Path) -> None:
    page = report.read_text()
    assert all(f'id="figure-{name}"' in page for name in FIGURES)
    assert all(f'id="table-{name}"' in page for name in NOTES)
    for fact in ("2.0, 2.1", "(count 2, radius 1)", "0.001235", "made-up"):
        assert fact in page


def test_the_lead_counts_whichever_way_the_numbers_point() -> None:
    known = findings().tables
    assert (
        "above zero in 1, below it in 1, and holds zero in 1" in lead(known | {"contrasts": tables()["contrasts"]})[1]
    )
    against = lead(known | {"contrasts": contrasts((-0.2, -0.1), (-0.3, -0.1))})[1]
    assert "of 2 comparisons" in against and "above zero in 0, below it in 2" in against
    assert len(lead(known | {"contrasts": contrasts()})) == 1


def test_long_attack_tables_have_the_places_side_by_side() -> None:
    table = findings().tables["noise"]
    found = wide("noise", table)
    assert {"important", "random", "least"} <= set(found) and len(found) == len(table) / 3
    row = found.iloc[0]
    of = table[(table["model"] == row["model"]) & (table["kind"] == row["kind"]) & (table["method"] == METHOD)]
    of = of[of["subpixels"] == row["subpixels"]].set_index("where")["error_rate"]
    assert dict(row[["important", "random", "least"]]) == dict(of[["important", "random", "least"]])


@pytest.mark.parametrize(
    "value, wanted", [(0.123456, "0.1235"), (float("nan"), ""), (None, ""), (500, "500"), ("a", "a")]
)
def test_cells(value: object, wanted: str) -> None:
    assert cell(value) == wanted


@needs_chromium
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_in_a_browser_without_network(report: Path, tmp_path: Path, width: int, dark: bool) -> None:
    seen = visit(report, width, dark, tmp_path)
    assert (seen.requests, seen.console) == (set(), [])
    assert seen.page["wide"] <= width, "the page itself never scrolls sideways"
    drawn = seen.page["seen"]
    assert len(drawn) == len(FIGURES) and seen.page["tables"] == len(NOTES)
    assert all(item["width"] > 250 and item["height"] > 100 and all(item["pictures"]) for item in drawn)
    _is_legible(seen, dark)


def _is_legible(seen: Visit, dark: bool) -> None:
    """Text stands out, and figures, drawn on white, have a white card in the dark, too."""
    text, page = (sum(map(int, re.findall(r"\d+", seen.page[part])[:3])) for part in ("text", "page"))
    assert (text > 600 and page < 150) if dark else (text < 150 and page > 600)
    assert seen.page["card"] == "rgb(255, 255, 255)"


@needs_chromium
def test_the_browser_test_can_fail(tmp_path: Path) -> None:
    """A page that asks for something and breaks is seen to."""
    page = tmp_path / "bad.html"
    bad = '<div class="card"></div><img src="http://192.0.2.1/x.png"><script>console.error("broken")</script>'
    page.write_text(f"{bad}<p style='width:3000px'>wide</p>")
    seen = visit(page, 360, False, tmp_path)
    assert seen.requests and seen.console and seen.page["wide"] > 360
