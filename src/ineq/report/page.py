"""Content into one HTML text: no script, no request, the same bytes for the same content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from ineq.report.content import NOTES, SECTIONS, SHORT, Section, lead, wide
from ineq.report.template import PAGE, STYLE


def render(
    study: str, tables: Mapping[str, pd.DataFrame], figures: Mapping[str, str], words: Mapping[str, Mapping[str, str]]
) -> str:
    """The page, of tables by name, SVG texts by name and the figures' words."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    sections = [_section(section, tables, figures, words) for section in SECTIONS]
    page = environment.from_string(PAGE)
    return page.render(study=study, style=Markup(STYLE), lead=lead(tables), sections=sections) + "\n"


def _section(
    section: Section,
    tables: Mapping[str, pd.DataFrame],
    figures: Mapping[str, str],
    words: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    # The only markup taken as it is: what stage `figures` drew, in which every word is escaped.
    shown = [{"name": name, "svg": Markup(figures[name]), **words[name]} for name in section.figures]
    rows = [_table(name, wide(name, tables[name])) for name in section.tables if len(tables[name])]
    return {"id": section.id, "title": section.title, "figures": shown, "tables": rows}


def _table(name: str, table: pd.DataFrame) -> dict[str, Any]:
    title, note = NOTES[name]
    numeric = [pd.api.types.is_numeric_dtype(table[column]) for column in table]
    columns = [
        {"name": column, "class": "number" if number else "wrap" if column == "value" else "text"}
        for column, number in zip(table, numeric, strict=True)
    ]
    rows = [[cell(value) for value in row] for row in table.itertuples(index=False, name=None)]
    return {"name": name, "title": title, "note": note, "columns": columns, "rows": rows, "open": len(rows) <= SHORT}


def cell(value: Any) -> str:
    """A value for people: four digits, and nothing where there is none."""
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.4g}"
    return "" if value is None else str(value)
