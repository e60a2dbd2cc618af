"""What the schemas of parameters and cards are built of: strict, closed sections and the kinds of their leaves."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

ALLOWED = "INEQ_ALLOW_PATHS"
"""The environment variable that names folders outside the project from which a study may read, with colons between."""
LARGEST = 2**32 - 1
LONGEST = 255
"""Bytes of a file's name."""
ALL = "all"
"""In a study's file: every model of the study."""
NO_BASE: Any = object()
"""For a key without a base value, which every study has to give; `None` is a value."""


class Section(BaseModel):
    """A closed, frozen part of the configuration; strict, so that "3" is not 3."""

    # Built when first used, since a help text uses none: --help of a script takes 0.28 s instead of 0.30.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, defer_build=True)

    @model_serializer(mode="wrap")
    def _without_left_out(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields = type(self).model_fields
        return {name: value for name, value in dump(self).items() if not _left_out(fields[name], value)}


def leaf(description: str, *, unit: str = "", base: Any = NO_BASE, earlier: str = "", **limits: Any) -> Any:
    """A required key with its meaning, unit and limits; `base` is its value in a study that does not give it.

    `earlier` is what it was called before: a file with that name is read, and the new one is told.
    """
    extra = ({"unit": unit} if unit else {}) | ({} if base is NO_BASE else {"default": base})
    extra |= {"earlier": earlier} if earlier else {}
    return Field(description=description, json_schema_extra=extra or None, **limits)


def base_of(field: Any) -> Any:
    """A leaf's base value, or `NO_BASE`."""
    return field.json_schema_extra.get("default", NO_BASE) if isinstance(field.json_schema_extra, dict) else NO_BASE


def earlier_names(section: type[Section]) -> dict[str, str]:
    """Today's names of a section's keys by their earlier ones."""
    extras = {name: field.json_schema_extra for name, field in section.model_fields.items()}
    return {str(e["earlier"]): name for name, e in extras.items() if isinstance(e, dict) and "earlier" in e}


def optional_leaf(description: str, *, unit: str = "", **limits: Any) -> Any:
    """A key that may be left out, and then is no leaf: what came later changes no parameters of what was there."""
    extra: dict[str, Any] = {"optional": True, "unit": unit} if unit else {"optional": True}
    return Field(description=description, default=None, json_schema_extra=extra, **limits)


def _left_out(field: Any, value: Any) -> bool:
    return value is None and isinstance(field.json_schema_extra, dict) and "optional" in field.json_schema_extra


def _whole(value: Any) -> Any:
    """8.0 is 8: engines and editors write whole numbers either way."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def distinct(values: list) -> list:
    """Refuse a value given twice."""
    if len({str(value) for value in values}) != len(values):
        raise ValueError("values must differ from each other")
    return values


def _countable(value: int) -> int:
    """No array and no loop of any stage is longer, and what is larger fits into no integer of numpy or torch."""
    if value > LARGEST:
        raise ValueError(f"should be at most {LARGEST}")
    return value


def _printable(text: str) -> str:
    # Half of a surrogate pair, which YAML can escape, is in no encoding.
    if match := re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", text):
        raise ValueError(f"should be one line of text, without {match[0]!r}")
    return text


def _inside(path: str) -> str:
    """A path leaves the project only where its user, not the study, names the folder that it leads to."""
    plain = posixpath.normpath(path)
    if ".." in path.split("/"):
        raise ValueError("should lie inside the project")
    if path != plain:
        raise ValueError(f"should be written as '{plain}'")
    if max(map(len, path.split("/"))) > LONGEST:
        raise ValueError(f"should have no name of more than {LONGEST} characters in it")
    if path.split("/")[0] == "results":
        raise ValueError("should lie outside of results/, which the stages write")
    if path.startswith("/") and not any(_below(path, folder) for folder in os.environ.get(ALLOWED, "").split(":")):
        raise ValueError(f"should lie inside the project, or below a folder that you name in {ALLOWED}")
    return path


def _below(path: str, folder: str) -> bool:
    """Whether an absolute path is an absolute folder, or in it."""
    top = posixpath.normpath(folder)
    return top.startswith("/") and (path == top or path.startswith(f"{top.rstrip('/')}/"))


def ascending(values: list) -> list:
    """Refuse values out of order, or given twice."""
    if values != sorted(set(values)):
        raise ValueError("values must be ascending and differ from each other")
    return values


def _fraction(value: Any) -> Any:
    """ "8/255" is 8 ÷ 255: budgets are customarily given in steps of an 8-bit image."""
    pattern = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)/([0-9]{1,9})"
    match = re.fullmatch(pattern, value) if isinstance(value, str) else None
    return float(match[1]) / int(match[2]) if match and int(match[2]) else value


def _option(value: Any) -> Any:
    """What a plug-in's option may be; checked at once, since of a union each part would tell its own mistake."""
    plain = _whole(value)
    if isinstance(plain, str):
        return _printable(plain)
    if not isinstance(plain, int | float) or not -LARGEST <= plain <= LARGEST:
        raise ValueError(f"should be a text, true, false, or a number from -{LARGEST} to {LARGEST}")
    return plain


Whole = Annotated[int, BeforeValidator(_whole), AfterValidator(_countable)]
Fraction = Annotated[float, BeforeValidator(_fraction)]
Text = Annotated[str, AfterValidator(_printable)]
NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
# What a name may hold means nothing to a shell, to Snakemake or to DVC; names of files are made of several.
Name = Annotated[str, Field(pattern=NAME, max_length=100)]
Names = Annotated[list[Name], AfterValidator(distinct)]
Seed = Annotated[Whole, Field(ge=0, lt=2**32)]
Channels = Annotated[list[float], Field(min_length=1, max_length=4)]
Spread = Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=1, max_length=4)]
Shape = Annotated[list[Annotated[Whole, Field(ge=1)]], Field(min_length=3, max_length=3)]
Path = Annotated[str, Field(pattern=r"^/?[A-Za-z0-9][A-Za-z0-9_./-]*$", max_length=1000), AfterValidator(_inside)]
# A plug-in's name is also part of commands and of DVC's keys, its options' names are those of a function.
PluginName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=100)]
PluginNames = Annotated[list[PluginName], AfterValidator(distinct)]
Option = Annotated[bool | int | float | str, BeforeValidator(_option)]
Options = dict[PluginName, dict[PluginName, Option]]
Precision = Literal["float32", "tf32", "bfloat16"]


def section_of(annotation: Any) -> type[Section] | None:
    """The section that a field holds, also one that may be left out; None for a leaf."""
    optional = get_args(annotation) if isinstance(annotation, UnionType) else ()
    for inner in (annotation, *optional):
        if isinstance(inner, type) and issubclass(inner, Section):
            return inner
    return None


def leaves(section: Section, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf as (dotted key, plain value), in the schema's order; a list or an empty mapping is one leaf."""
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, Section):
            yield from leaves(value, f"{prefix}{name}.")
        elif isinstance(value, dict) and value:
            yield from _entries(value, f"{prefix}{name}.")
        elif not _left_out(field, value):
            plain = (
                [item.model_dump() if isinstance(item, Section) else item for item in value]
                if isinstance(value, list)
                else value
            )
            yield f"{prefix}{name}", plain


def _entries(mapping: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """The same for a mapping whose keys the schema leaves open."""
    for name, value in mapping.items():
        if isinstance(value, dict) and value:
            yield from _entries(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
