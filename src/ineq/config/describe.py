"""The schema in words and as JSON schema."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from ineq.config.fields import NO_BASE, Section, base_of, section_of
from ineq.config.loader import yaml_text
from ineq.config.schema import Parameters
from ineq.io.text import canonical_json


def fields(section: type[Section], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf's dotted key and pydantic field."""
    for name, field in section.model_fields.items():
        if inner := section_of(field.annotation):
            yield from fields(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field


def schema_json(section: type[Section]) -> str:
    """The JSON schema of `params.yaml` (`Parameters`) or of a model card (`Card`)."""
    return canonical_json(section.model_json_schema(), indent=2) + "\n"


def _schema_of(section: type[Section], key: str) -> dict[str, Any]:
    """The JSON schema of one leaf, references followed."""
    schema = section.model_json_schema()
    node = schema
    for part in key.split("."):
        node = node["properties"][part]
        node = next((option for option in node.get("anyOf", ()) if "$ref" in option), node)
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    return node


def allowed_values(section: type[Section], key: str) -> str:
    """Type, range and unit of a leaf in words."""
    node = _schema_of(section, key)
    item = node.get("items", {})
    kind = f"list of {item.get('type', 'budgets')}" if node.get("type") == "array" else node.get("type", "")
    inner = item if node.get("type") == "array" else node
    limits = [
        f"{sign} {inner[name]:g}"
        for name, sign in {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}.items()
        if name in inner
    ]
    choices = inner.get("enum") or ([inner["const"]] if "const" in inner else [])
    return ", ".join(
        filter(None, [kind, " or ".join(f"`{choice}`" for choice in choices), *limits, node.get("unit", "")])
    )


def base_yaml() -> str:
    """`studies/base.yaml`: every key that has a base value, below what it is."""
    needed = ", ".join(f"`{key}`" for key, field in fields(Parameters) if base_of(field) is NO_BASE)
    intro = (
        "The value of every key that a study does not give. Generated from the schema by `make generate`; an edit of "
        "this file changes nothing. `studies/NAME.yaml` holds the keys that differ, and `ineq study use NAME` writes "
        f"the whole study to params.yaml. These keys have no base value: {needed}. The four lists of models among "
        "them come from `weights` on the cards; every study gives the others."
    )
    return _comment(intro) + "".join(_base_lines(Parameters))


def _base_lines(section: type[Section], depth: int = 0) -> Iterator[str]:
    for name, field in section.model_fields.items():
        if inner := section_of(field.annotation):
            lines = "".join(_base_lines(inner, depth + 1))
            yield f"{chr(10) if depth == 0 else ''}{'  ' * depth}{name}:\n{lines}" if lines else ""
        elif (value := base_of(field)) is not NO_BASE:
            unit = (field.json_schema_extra or {}).get("unit")
            text = _comment(f"{field.description} Unit: {unit}." if unit else str(field.description), 118 - 2 * depth)
            yield textwrap.indent(text + yaml_text({name: value}), "  " * depth)


def _comment(text: str, width: int = 118) -> str:
    return "".join(f"# {line}\n" for line in textwrap.wrap(text, width, break_on_hyphens=False))
