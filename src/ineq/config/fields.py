"""What the schemas of parameters and cards are built of: strict, closed sections and the kinds of their leaves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


class Section(BaseModel):
    """A closed, frozen part of the configuration; strict, so that "3" is not 3."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def leaf(description: str, *, unit: str = "", **limits: Any) -> Any:
    """A required key with its meaning, unit and limits."""
    return Field(description=description, json_schema_extra={"unit": unit} if unit else None, **limits)


def _whole(value: Any) -> Any:
    """8.0 is 8: engines and editors write whole numbers either way."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def distinct(values: list) -> list:
    """Refuse a value given twice."""
    if len({str(value) for value in values}) != len(values):
        raise ValueError("values must differ from each other")
    return values


def _inside(path: str) -> str:
    if ".." in path.split("/"):
        raise ValueError("should lie inside the project")
    return path


def ascending(values: list) -> list:
    """Refuse values out of order, or given twice."""
    if values != sorted(set(values)):
        raise ValueError("values must be ascending and differ from each other")
    return values


def _fraction(value: Any) -> Any:
    """ "8/255" is 8 ÷ 255: budgets are customarily given in steps of an 8-bit image."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)/(\d+)", value) if isinstance(value, str) else None
    return float(found[1]) / int(found[2]) if found and int(found[2]) else value


Whole = Annotated[int, BeforeValidator(_whole)]
Fraction = Annotated[float, BeforeValidator(_fraction)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Names = Annotated[list[Name], AfterValidator(distinct)]
Seed = Annotated[Whole, Field(ge=0, lt=2**32)]
Channels = Annotated[list[float], Field(min_length=1, max_length=4)]
Spread = Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=1, max_length=4)]
Shape = Annotated[list[Annotated[Whole, Field(ge=1)]], Field(min_length=3, max_length=3)]
Path = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]*$"), AfterValidator(_inside)]
Color = Literal["black", "gray", "white", "mean"]


def section_of(annotation: Any) -> type[Section] | None:
    """The section that a field holds, also one that may be left out; None for a leaf."""
    optional = get_args(annotation) if isinstance(annotation, UnionType) else ()
    for inner in (annotation, *optional):
        if isinstance(inner, type) and issubclass(inner, Section):
            return inner
    return None


def leaves(section: Section, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf as (dotted key, plain value), in the schema's order; a list is one leaf."""
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, Section):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            plain = (
                [item.model_dump() if isinstance(item, Section) else item for item in value]
                if isinstance(value, list)
                else value
            )
            yield f"{prefix}{name}", plain
