"""`docs/parameters.md`: what each parameter is and what a change of it reruns."""

from __future__ import annotations

from pathlib import Path

from ineq.config.card import Card
from ineq.config.describe import fields, wanted
from ineq.config.fields import NO_BASE, base_of
from ineq.config.schema import Parameters
from ineq.io.markdown import markdown_table
from ineq.io.text import canonical_json
from ineq.provenance.impact import Impact, code_impact, parameter_impact

HEAD = """\
# Parameters

Generated from the schema and the stages' declarations by `make generate`. A test changes each parameter and looks that
just these stages are planned: under Snakemake each, under DVC one of each kind; another test sees that both
declare the same. `params.yaml` has every key. A study gives the keys without a base value, and those whose
value differs from it; [studies/base.yaml](../studies/base.yaml) lists the base values too.

"""
CARDS = """\
## Model cards: `models/<study>/<model>.yaml`

"""
CODE = """\
## Code

An edit that changes what code does reruns the stages that import it; comments and docstrings nothing. What plans and
runs jobs passes parameters, inputs and outputs on, which are tracked by themselves.

"""


def parameters_page(root: Path = Path(".")) -> str:
    """`docs/parameters.md`."""
    impact = parameter_impact()
    tables = {
        HEAD: markdown_table(("key", "what it is", "wanted", "base", "used by", "reruns"), _parameters(impact)),
        CARDS: markdown_table(("key", "what it is", "wanted", "reruns, for that model"), _cards(impact)),
        CODE: markdown_table(("edit in", "used by", "reruns"), _rooms(root)),
    }
    return "\n\n".join(f"{words}\n{rows}" for words, rows in tables.items()) + "\n"


def _parameters(impact: dict[str, Impact]) -> list[tuple[str, ...]]:
    rows = []
    for key, field in fields(Parameters):
        direct, reruns = impact[key]
        value = "–" if base_of(field) is NO_BASE else f"`{canonical_json(base_of(field))}`"
        rows.append((f"`{key}`", field.description, wanted(Parameters, key), value, ", ".join(direct), reruns))
    return rows


def _cards(impact: dict[str, Impact]) -> list[tuple[str, ...]]:
    return [(f"`{key}`", field.description, wanted(Card, key), impact[f"card.{key}"][1]) for key, field in fields(Card)]


def _rooms(root: Path) -> list[tuple[str, ...]]:
    return [(f"`{room}`", ", ".join(direct) or "–", reruns) for room, (direct, reruns) in code_impact(root).items()]
