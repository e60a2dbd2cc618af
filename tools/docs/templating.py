"""The templates of the generated pages. Words are in `templates/`; Python only computes the numbers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ineq.io.markdown import markdown_table
from ineq.statistics.conclusions import Interval


def render(template: str, **values: Any) -> str:
    """A template filled with values; a missing value is an error."""
    return _environment().get_template(template).render(values)


def interval(value: Interval, form: str = ".3f", scale: float = 1) -> str:
    """A mean with its interval, such as `0.601 [0.598, 0.605]`."""
    mean, low, high = (format(scale * end, form) for end in value)
    return f"{mean} [{low}, {high}]"


def points(value: Interval) -> str:
    """A difference of rates with its interval, in percentage points."""
    return interval(value, "+.1f", 100)


def epsilon(value: float) -> str:
    """A budget as people write it: `8/255` where it is a number of grey levels, else `0.3`."""
    levels = Fraction(value).limit_denominator(255) * 255
    return f"{levels}/255" if levels.denominator == 1 and levels % 51 else f"{value:g}"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["table"] = markdown_table
    environment.filters.update(epsilon=epsilon, interval=interval, points=points)
    return environment
