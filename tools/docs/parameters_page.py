"""`docs/parameters.md`: what each parameter is and what a change of it reruns."""

from __future__ import annotations

from pathlib import Path

from templating import render

from ineq.config.card import Card
from ineq.config.describe import allowed_values, fields
from ineq.config.fields import NO_BASE, base_of
from ineq.config.schema import Parameters
from ineq.io.text import canonical_json
from ineq.provenance.impact import Impact, code_impact, parameter_impact


def parameters_page(root: Path = Path(".")) -> str:
    """`docs/parameters.md`."""
    impact = parameter_impact()
    return render("parameters.md.j2", parameters=_parameters(impact), cards=_cards(impact), packages=_packages(root))


def _parameters(impact: dict[str, Impact]) -> list[tuple[str, ...]]:
    rows = []
    for key, field in fields(Parameters):
        direct, reruns = impact[key]
        value = "–" if base_of(field) is NO_BASE else f"`{canonical_json(base_of(field))}`"
        rows.append((f"`{key}`", field.description, allowed_values(Parameters, key), value, ", ".join(direct), reruns))
    return rows


def _cards(impact: dict[str, Impact]) -> list[tuple[str, ...]]:
    return [
        (f"`{key}`", field.description, allowed_values(Card, key), impact[f"card.{key}"][1])
        for key, field in fields(Card)
    ]


def _packages(root: Path) -> list[tuple[str, ...]]:
    return [
        (f"`{package}`", ", ".join(direct) or "–", reruns) for package, (direct, reruns) in code_impact(root).items()
    ]
