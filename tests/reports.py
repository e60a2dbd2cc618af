"""A made-up report, and any report's page as data: its tables by name, its text, and the pictures that it holds."""

from __future__ import annotations

import base64
import io
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
from findings import METHOD, findings
from PIL import Image
from small_results import SETTINGS, results_of_two

from ineq.analysis.verdict import verdict
from ineq.figures.build import FIGURES, build_figures
from ineq.gallery.build import gallery
from ineq.paper.items import COLUMNS
from ineq.report.captions import captions
from ineq.report.content import facts
from ineq.report.page import Content, page
from ineq.stages.paper import PAPER


def decoded(address: str) -> np.ndarray:
    """The pixels (H, W, 3) of a picture in a data address."""
    with Image.open(io.BytesIO(base64.b64decode(address.split(",", 1)[1]))) as image:
        return np.asarray(image.convert("RGB"))


class _Reader(HTMLParser):
    """Collects the cells of every table by the id of what it is in, and the page's words without them."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.words: list[str] = []
        self._name, self._cell = "", False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = dict(attrs).get("id") or ""
        if tag == "table" or name.startswith("table-"):
            self._name = name.removeprefix("table-") or self._name
        elif tag == "tr":
            self.tables.setdefault(self._name, []).append([])
        elif tag in ("td", "th"):
            self._cell = True
            self.tables[self._name][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._cell = False

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.tables[self._name][-1][-1] += data
        else:
            self.words.append(data)


def read_page(path: Path) -> tuple[dict[str, pd.DataFrame], str]:
    """Tables of texts by name, `headline` for the one at the top, and all other words."""
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    tables = {name: pd.DataFrame(rows, columns=head) for name, (head, *rows) in reader.tables.items()}
    return tables, " ".join(" ".join(reader.words).split())


PARAMETERS = {
    "data.mean": [0.25],
    "data.std": [0.5],
    "models": ["standard", "linf-0.3"],
    "tables.budgets": [{"count": 2, "radius": 1}],
    "card.standard.title": "a <b>title</b>",
    "card.linf-0.3.title": "another",
}
RECORDS = [{"code": {"packages": {"torch": "2.1", "numpy": "2.4"}}}, {"code": {"packages": {"torch": "2.0"}}}]


PAIR = ["standard", "linf-0.3"]


def contrasts(*intervals: tuple[float, float]) -> pd.DataFrame:
    """Two guided attacks by noise of 4 values: of the standard model, then of the robust one, and so on."""
    rows = [
        {"model": PAIR[i % 2], "method": METHOD, "attack": "noise", "setting": ("additive", "replace")[i // 2]}
        | {"subpixels": 4, "count": None, "radius": None, "guided": 0.5, "random": 0.25}
        | {"difference": (low + high) / 2, "low": low, "high": high, "headline": True}
        for i, (low, high) in enumerate(intervals)
    ]
    named = ("model", "method", "attack", "setting", "subpixels", "count", "radius", "headline")
    named += ("difference", "low", "high")
    return pd.DataFrame(rows, columns=None if rows else list(named))


def claims() -> pd.DataFrame:
    rows = [
        ("gini-rises", "table1", "It rises.", "supported"),
        ("noise-type-1", "fig3", "Noise fools.", "contradicted"),
        ("table2-claim", "table2", "a > b", "undecided"),
    ]
    table = pd.DataFrame(rows, columns=["id", "item", "claim", "verdict"])
    return table.assign(place="§1", evidence="0.1 against 0.2")


def papers() -> dict[str, pd.DataFrame]:
    """The paper's tables: one number of the paper's in the first."""
    empty = pd.DataFrame(columns=list(COLUMNS))
    row = {"model": "standard", "measure": "gini_global", "here": 0.625, "paper": 0.58, "difference": 0.045}
    return {**dict.fromkeys(PAPER, empty), "table1": pd.DataFrame([row], columns=list(COLUMNS))}


def tables() -> dict[str, pd.DataFrame]:
    pairs = pd.DataFrame({"model": ["linf-0.3"], "against": ["standard"], "p": [0.001234567]})
    families = pd.DataFrame({"family": ["<script>alert(1)</script>"], "mean": [0.5]})
    attacked = pd.DataFrame({"model": ["standard"], "attack": ["pgd"], "accuracy": [0.5], "consistent": [True]})
    compared = {
        "contrasts": contrasts((0.1, 0.2), (-0.1, 0.05), (-0.3, -0.1), (-0.2, 0.3)),
        "pairs": pairs,
        "verdict": verdict(results_of_two(), SETTINGS, ["m"]).replace({"m": "linf-0.3", "s": "standard"}),
        "families": families,
        "robustness": attacked,
        "claims": claims(),
        "sensitivity": pd.DataFrame({"variant": ["another"], "difference": [0.25]}),
    }
    return {**findings().tables, **compared, **papers(), **facts(PARAMETERS, RECORDS)}


def make_report(folder: Path) -> Path:
    """The page of a made-up study, `report.html` in a folder."""
    outputs = {name: folder / f"{name}.svg" for name in FIGURES}
    words = captions(findings(), 2)
    build_figures(findings(), 2, words, outputs | {f"{name}_png": folder / f"{name}.png" for name in FIGURES})
    figures = {name: path.read_text() for name, path in outputs.items()}
    content = Content(tables(), figures, words, gallery(findings(), 6))
    text = page("made-up", content)
    assert text == page("made-up", content)
    path = folder / "report.html"
    path.write_text(text)
    return path
