"""Content into one HTML text: no script, no request, the same bytes for the same content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ineq.extras import extra
from ineq.report import beside
from ineq.report.content import SECTIONS, SHORT, Section, note, wide
from ineq.report.gallery import shown
from ineq.report.lead import lead
from ineq.report.render import render

with extra("report", "the report"):
    from markupsafe import Markup

WRAPPED = ("value", "here", "claim", "wording", "rule", "evidence", "title")
"""Columns of text that is too long for one line."""


@dataclass(frozen=True)
class Content:
    """Tables by name, SVG texts and words of figures by name, the gallery's content, the headline's noisy values."""

    tables: Mapping[str, pd.DataFrame]
    figures: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    gallery: Mapping[str, Any]


def page(study: str, content: Content) -> str:
    """The page of a study."""
    tables = {**content.tables, "numbers": beside.numbers(content.tables)}
    sections = [_section(section, content, tables) for section in SECTIONS]
    text = render(
        "page.html.j2",
        study=study,
        lead=lead(tables, content.gallery["method"], content.gallery["pair"]),
        gallery=shown(content.gallery),
        # A study without an audit has no verdict.
        sections=[section for section in sections if section["figures"] or section["tables"]],
    )
    return text + "\n"


def _section(section: Section, content: Content, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    figures = []
    for name in section.figures:
        words, claims = beside.of_figure(name, tables)
        # The only markup taken as it is: what stage `figures` drew, in which every word is escaped.
        svg = Markup(content.figures[name])
        figures.append({"name": name, "svg": svg, **content.words[name], "beside": words, "claims": claims})
    rows = [_table(name, tables) for name in section.tables if len(tables[name])]
    return {"id": section.id, "figures": figures, "tables": rows}


def _table(name: str, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    table = wide(name, tables[name])
    numeric = [pd.api.types.is_numeric_dtype(table[column]) for column in table]
    columns = [
        {"name": column, "class": "number" if number else "wrap" if column in WRAPPED else "text"}
        for column, number in zip(table, numeric, strict=True)
    ]
    rows = [[cell(value) for value in row] for row in table.itertuples(index=False, name=None)]
    title, *notes = note(name, tables)
    words = {"title": title, "note": " ".join(notes), "beside": beside.of_table(name, tables)}
    return {"name": name, **words, "columns": columns, "rows": rows, "open": len(rows) <= SHORT}


def cell(value: Any) -> str:
    """A value for people: four digits, and nothing where there is none."""
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.4g}"
    return "" if value is None or value is pd.NA else str(value)
