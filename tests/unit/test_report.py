"""The report: one file that asks for nothing, shows every table and figure, and takes its words from the run."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from findings import METHOD, findings
from reports import PAIR, claims, contrasts, make_report, read_page, tables

from ineq.figures.build import FIGURES
from ineq.paper.deviations import DEVIATIONS
from ineq.report import beside
from ineq.report.content import SECTIONS, note, wide
from ineq.report.lead import lead
from ineq.report.page import cell
from ineq.report.render import coded, environment
from ineq.report.verdict import verdict_lines
from ineq.stages import figures as drawn
from ineq.stages import tables as tabled


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_report(tmp_path_factory.mktemp("report"))


def test_every_figure_and_table_has_its_place() -> None:
    assert sorted(name for section in SECTIONS for name in section.figures) == sorted(drawn.FIGURES)
    placed = [name for section in SECTIONS for name in section.tables]
    worded = vars(environment().get_template("tables.j2").module)
    assert sorted(placed) == sorted(name for name in worded if not name.startswith("_"))
    assert set(tabled.TABLES) <= set(placed)
    known = tables()
    # Verdicts on claims say by themselves what they are held against.
    made = {"verdict", "parameters", "cards", "packages", "deviations", "claims"}
    compared = {name for name in placed if beside.of_table(name, known)}
    assert compared == set(placed) - made, "what is not this run's own making is compared with the paper"
    assert all(len(note(name, known)) > 1 for name in placed)


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
    assert all(f'id="table-{name}"' in page for section in SECTIONS for name in section.tables)
    for fact in ("2.0, 2.1", "(count 2, radius 1)", "0.001235", "made-up"):
        assert fact in page


def claim() -> str:
    said = lead(tables(), METHOD, PAIR).sentences[0]
    assert said.startswith("The paper “Inequality Phenomenon")
    return said


def test_a_verdict_stands_at_the_top(report: Path) -> None:
    _, words = read_page(report)
    assert words.index("Verdict on linf-0.3") < words.index(claim())
    ((_, said),) = verdict_lines(tables()["verdict"], tables()["models"])
    assert all(" ".join(sentence.split()) in words for sentence in said)


def test_it_explains_itself(report: Path) -> None:
    found, words = read_page(report)
    glossary = lead(tables(), METHOD, PAIR).glossary
    assert claim() in words and len(glossary) == 4 and all(word in words for word, _ in glossary)
    assert list(found["deviations"]["matter"]) == [matter.replace("`", "") for matter, _ in DEVIATIONS]
    assert "Here supported : 0.1 against 0.2" in words and "Noise fools. Here contradicted" in words
    assert "In the paper: Figure 3 (error rate under an increasing number of noisy subpixels)." in words
    assert "The paper's Table 1: 1 numbers are in the paper's text too, the largest difference is 0.045." in words
    (number,) = found["numbers"].to_dict("records")
    assert [number[key] for key in ("model", "here", "paper", "difference")] == ["standard", "0.625", "0.58", "0.045"]


def test_the_lead_says_whichever_way_the_numbers_point() -> None:
    known = tables()
    said = lead(known, METHOD, PAIR)
    assert said.attacks is not None and [row[-1] for row in said.attacks.rows] == ["lower", "not clearly different"]
    assert "lower in 1 of 2 attacks (noise, additive, 4 values)" in said.sentences[2]
    assert "1 supported, 1 contradicted, 1 undecided, 0 not testable here" in said.sentences[3]
    turned = known["gini"].copy()
    turned[["mean", "low", "high"]] = 1 - turned[["mean", "high", "low"]]
    both = [lead({**known, "gini": table}, METHOD, PAIR).sentences[1] for table in (known["gini"], turned)]
    value = known["gini"].query("model == 'linf-0.3' and measure == 'gini_global'")["mean"].iloc[0]
    assert "which is higher" in both[0] and f"{value:.3f}" in both[0] and f"{1 - value:.3f}" in both[1]
    assert "which is lower" in both[1] and "higher" not in both[1]


def test_the_lead_of_a_lone_model_and_of_no_attack() -> None:
    known = {**findings((0.0,)).tables, "claims": claims()}
    for table in (contrasts(), contrasts((0.1, 0.2))):
        said = lead({**known, "contrasts": table}, METHOD, ["standard"])
        assert said.attacks is None and len(said.sentences) == 3 and "higher" not in said.sentences[1]
    assert lead({**tables(), "contrasts": contrasts()}, METHOD, PAIR).attacks is None


def test_contrasts_are_counted() -> None:
    *_, counted = note("contrasts", tables())
    assert (
        "Of 4 comparisons for noise the interval lies above zero in 1, below it in 1, and holds zero in 2." in counted
    )


def test_code_in_words_is_marked_and_escaped() -> None:
    assert coded("a < `b < c` d") == "a &lt; <code>b &lt; c</code> d"


def test_long_attack_tables_have_the_places_side_by_side() -> None:
    table = findings().tables["attacks"]
    found = wide("attacks", table)
    assert {"important", "random", "least"} <= set(found) and len(found) == len(table) / 3
    for row in found.to_dict("records"):
        of = table[(table["model"] == row["model"]) & (table["setting"] == row["setting"])]
        for axis in ("subpixels", "count", "radius"):
            of = of[of[axis].isna() if pd.isna(row[axis]) else of[axis] == row[axis]]
        assert of.set_index("where")["error_rate"].to_dict() == {place: row[place] for place in of["where"]}


@pytest.mark.parametrize(
    "value, expected", [(0.123456, "0.1235"), (float("nan"), ""), (None, ""), (500, "500"), ("a", "a")]
)
def test_cells(value: object, expected: str) -> None:
    assert cell(value) == expected
