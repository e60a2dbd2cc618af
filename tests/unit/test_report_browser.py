"""The report in a browser without network: what is drawn, asked for and said, by mouse, by keys, and on paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, Page, axe, browser
from findings import findings
from reports import make_report

from ineq.figures.build import FIGURES
from ineq.report.content import SECTIONS

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
needs_axe = pytest.mark.skipif(axe() is None, reason="no axe in this environment: pip install axe-core-python")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_report(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


VISIBLE = "[...document.querySelectorAll('.shown')].filter(e => e.getBoundingClientRect().height).map(e => e.id)"
BOXES = """[...document.querySelectorAll('.card svg')].map(svg => ({
  width: svg.getBoundingClientRect().width, height: svg.getBoundingClientRect().height,
  pictures: [...svg.querySelectorAll('image')].map(i => i.getBoundingClientRect().width)
}))"""
OUTLINED = "getComputedStyle(document.activeElement.closest('label')).outlineStyle"
WITHOUT_ALT = "[...document.images].filter(i => !i.alt.trim()).length"


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_in_a_browser_without_network(page: Page, report: Path, width: int, dark: bool) -> None:
    page.open(report, width, dark)
    assert (page.requests, page.console) == (set(), [])
    assert page.run("document.documentElement.scrollWidth") <= width, "the page itself never scrolls sideways"
    drawn = page.run(BOXES)
    assert len(drawn) == len(FIGURES)
    assert page.run("document.querySelectorAll('details table').length") == sum(len(part.tables) for part in SECTIONS)
    assert all(item["width"] > 250 and item["height"] > 100 and all(item["pictures"]) for item in drawn)
    assert page.run("document.images.length") > 6 * 3 * 3
    assert page.run("[...document.images].filter(i => !(i.complete && i.naturalWidth)).length") == 0
    assert page.run(WITHOUT_ALT) == 0
    _is_legible(page, dark)


def _is_legible(page: Page, dark: bool) -> None:
    """Text stands out, and figures, drawn on white, have a white card in the dark, too."""
    style = "getComputedStyle(document.querySelector('{}')).{}"
    asked = (("body", "color"), ("body", "backgroundColor"), (".card", "backgroundColor"))
    text, ground, card = (page.run(style.format(*part)) for part in asked)
    sums = [sum(map(int, re.findall(r"\d+", color)[:3])) for color in (text, ground)]
    assert (sums[0] > 600 and sums[1] < 150) if dark else (sums[0] < 150 and sums[1] > 600)
    assert card == "rgb(255, 255, 255)"


@pytest.mark.parametrize("width", [360, 1440])
def test_the_gallery_by_mouse(page: Page, report: Path, width: int) -> None:
    page.open(report, width, False)
    assert page.run(VISIBLE) == ["shown-1"]
    page.click(".thumb:has(#image-5)")
    assert page.run(VISIBLE) == ["shown-5"]
    _cutting_shows_the_other_maps(page, lambda: page.click(".switch"))


def test_the_gallery_by_keyboard(page: Page, report: Path) -> None:
    page.open(report, 1440, True)
    page.run("document.querySelector('nav a:last-child').focus()")
    page.press("Tab")
    assert page.run("document.activeElement.id") == "image-1" and page.run(OUTLINED) == "solid"
    for key, wanted in (("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("ArrowLeft", 1), ("ArrowLeft", 6)):
        page.press(key)
        assert page.run(VISIBLE) == [f"shown-{wanted}"]
    page.press("Tab")
    assert page.run("document.activeElement.id") == "cut" and page.run(OUTLINED) == "solid"
    _cutting_shows_the_other_maps(page, lambda: page.press(" "))


def _cutting_shows_the_other_maps(page: Page, turn: Callable[[], None]) -> None:
    shown = "[...document.querySelectorAll('.model .{}')].filter(e => e.offsetHeight).length"
    models = len(findings().models)
    for wanted in ((models, 0), (0, models), (models, 0)):
        assert (page.run(shown.format("whole")), page.run(shown.format("cut"))) == wanted
        turn()


def test_print_shows_the_chosen_image_alone(page: Page, report: Path) -> None:
    page.open(report, 1440, False)
    page.click(".thumb:has(#image-2)")
    page.media("print")
    assert page.run(VISIBLE) == ["shown-2"] and page.run("document.querySelector('.choose').offsetHeight") == 0


@needs_axe
@pytest.mark.parametrize("width, dark", [(1440, False), (360, True)], ids=["light", "dark"])
def test_axe_finds_nothing_serious(page: Page, report: Path, width: int, dark: bool) -> None:
    page.open(report, width, dark)
    assert serious(page) == {}


@needs_axe
def test_axe_finds_what_is_bad(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "bad.html"
    path.write_text(
        '<html lang="en"><title>bad</title><main><img src="data:,"><p style="color:#999">pale words</p></main>'
    )
    page.open(path, 360, False)
    assert set(serious(page)) == {"image-alt", "color-contrast"}


def serious(page: Page) -> dict[str, list[str]]:
    """What axe finds of impact serious or critical: rules, each with the elements that break it."""
    script = axe()
    assert script is not None
    page.run(script.read_text(encoding="utf-8") + ";0")
    found = page.run("axe.run().then(all => all.violations.map(v => [v.id, v.impact, v.nodes.map(n => n.html)]))")
    return {name: nodes for name, impact, nodes in found if impact in ("serious", "critical")}


def test_the_browser_test_can_fail(page: Page, tmp_path: Path) -> None:
    """A page that asks for something, breaks and spreads is seen to."""
    path = tmp_path / "bad.html"
    bad = '<img src="http://192.0.2.1/x.png"><script>console.error("broken")</script>'
    path.write_text(f"{bad}<p style='width:3000px'>wide</p>")
    page.open(path, 360, False)
    assert page.requests == {"http://192.0.2.1/x.png"} and "broken" in " ".join(page.console)
    assert page.run("document.documentElement.scrollWidth") > 360 and page.run(WITHOUT_ALT) == 1
