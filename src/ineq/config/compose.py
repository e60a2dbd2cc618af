"""Studies: `studies/<name>.yaml` says what differs from the schema's base values; this makes the whole of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from ineq.config.describe import fields
from ineq.config.fields import ALL, NAME, NO_BASE, Section, base_of, section_of
from ineq.config.loader import check, load_card, read_parameters
from ineq.config.makers import check_makers, lists_from_cards
from ineq.config.schema import Parameters
from ineq.config.short_repr import short_repr
from ineq.errors import InputError, nearest

BASE = "base"
"""`studies/base.yaml` shows the base values, and is no study."""
MODEL_LISTS = tuple(key for key, _ in fields(Parameters) if key.startswith("maps.") or key.endswith(".models"))
"""Every list of models but `models` itself, which says what `all` is."""


def studies(root: Path) -> list[str]:
    """The names of all studies; a file such as `...yaml`, whose results would lie elsewhere, is none."""
    files = (root / "studies").glob("*.yaml")
    return sorted(file.stem for file in files if re.fullmatch(NAME, file.stem) and file.stem != BASE)


def study_file(root: Path, name: str) -> Path:
    """`studies/<name>.yaml`; raises `InputError` for an unknown study."""
    known = studies(root)
    if name == BASE:
        there = ", ".join(known) or "none"
        raise InputError(
            f"'{BASE}' is not a study: it shows the values that all studies start from; the studies are {there}"
        )
    if name not in known:
        raise InputError(f"unknown study '{name}': there are {', '.join(known) or 'none'}{nearest(name, known)}")
    return root / "studies" / f"{name}.yaml"


def base() -> dict[str, Any]:
    """The base values, nested as in `params.yaml` and in the schema's order; keys without one are not there."""
    return _base(Parameters)


def _base(section: type[Section]) -> dict[str, Any]:
    inner = {name: section_of(field.annotation) for name, field in section.model_fields.items()}
    values = {
        name: _base(part) if (part := inner[name]) else base_of(field) for name, field in section.model_fields.items()
    }
    return {name: value for name, value in values.items() if value is not NO_BASE}


def laid_over(
    lower: Mapping[str, Any], upper: Mapping[str, Any], section: type[Section] = Parameters
) -> dict[str, Any]:
    """Two nested mappings as one, leaf by leaf, in the schema's order; `upper` wins, and its unknown keys come last."""
    whole: dict[str, Any] = {}
    for name, field in section.model_fields.items():
        part = section_of(field.annotation)
        if part and isinstance(upper.get(name, {}), dict):
            whole[name] = laid_over(lower.get(name, {}), upper.get(name, {}), part)
        elif name in upper or name in lower:
            whole[name] = deepcopy(upper[name] if name in upper else lower[name])
    return whole | {name: value for name, value in upper.items() if name not in section.model_fields}


def study_values(root: Path, name: str) -> dict[str, Any]:
    """All values of a study but for the makers' lists that it leaves to its cards: they are empty here.

    No card is read. Raises `InputError`, naming the study's file, for a wrong, unknown or missing key.
    """
    path = study_file(root, name)
    return _whole(path, name, read_parameters(path))


def _whole(path: Path, name: str, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """What a study's file gives, over the base values, checked."""
    whole = laid_over(laid_over(base(), lists_from_cards({})), overrides)
    models = whole.get("models", [])
    if not isinstance(models, list):
        raise InputError(
            f"{path}: 'models' is {short_repr(models)}, but should be the list that `all` stands for elsewhere"
        )
    for section, key in (key.split(".") for key in MODEL_LISTS):
        part = whole[section]
        if isinstance(part, dict) and part.get(key) == ALL:
            part[key] = list(models)
    check(Parameters, whole, path, missing=": it has no base value, so every study has to give it")
    if whole["study"] != name:
        raise InputError(f"{path}: 'study' is '{whole['study']}', but should be '{name}', as the file is called")
    return whole


def study_parameters(root: Path, name: str) -> Parameters:
    """The same as checked parameters."""
    return Parameters.model_validate(study_values(root, name))


def compose(root: Path, name: str) -> dict[str, Any]:
    """The whole of `params.yaml` for a study, as plain values in the schema's order.

    Raises `InputError` for a mistake in the study's file or on a card, and where the two contradict each other.
    """
    path = study_file(root, name)
    overrides = read_parameters(path)
    whole = _whole(path, name, overrides)
    cards = {model: load_card(root, name, model) for model in whole["models"]}
    for section, lists in lists_from_cards(cards).items():
        if "models" not in overrides.get(section, {}):
            whole[section] |= lists
    check_makers(Parameters.model_validate(whole), cards, path)
    return whole
