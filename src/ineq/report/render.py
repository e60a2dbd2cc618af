"""Text from the files in `templates/`: they hold the words and the marks, Python only computes what they show."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from ineq.extras import extra
from ineq.io.markdown import markdown_table

with extra("report", "the report"):
    import jinja2
    from markupsafe import Markup, escape


def render(name: str, /, **values: Any) -> str:
    """The text of a template; what a template named `….html.j2` shows is escaped."""
    return environment().get_template(name).render(values)


def words(name: str, macro: str, /, **values: Any) -> list[str]:
    """What a macro of a template says: its paragraphs, each in one line."""
    text = str(getattr(environment().get_template(name).module, macro)(**values))
    return [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text.strip()) if paragraph]


def coded(text: str) -> Markup:
    """Text in which what stands between backticks is code."""
    parts = [
        Markup("<code>{}</code>").format(part) if i % 2 else escape(part) for i, part in enumerate(text.split("`"))
    ]
    return Markup("").join(parts)


@cache
def environment() -> jinja2.Environment:
    """The templates, with what they may ask for beside values; a value that is missing is an error, no blank."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("ineq.report"),
        autoescape=jinja2.select_autoescape(["html.j2"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"code": coded, "number": format, "percent": lambda share, form: format(100 * share, form)}
    made.globals["markdown_table"] = markdown_table
    return made
