"""The schema in words and as JSON schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ineq.config.fields import Section, section_of
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


def wanted(section: type[Section], key: str) -> str:
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
