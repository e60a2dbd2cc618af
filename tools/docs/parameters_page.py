"""`docs/parameters.md`: what each parameter is and what a change of it reruns."""

from __future__ import annotations

from pathlib import Path

from ineq.config.card import Card
from ineq.config.describe import fields, wanted
from ineq.config.fields import NO_BASE, base_of
from ineq.config.schema import Parameters
from ineq.io.text import canonical_json
from ineq.provenance.impact import code_impact, parameter_impact


def parameters_page(root: Path = Path(".")) -> str:
    """`docs/parameters.md`."""
    impact = parameter_impact()
    lines = [
        "# Parameters",
        "",
        "Generated from the schema and the registry by `make generate`. A test changes each parameter and looks that",
        "just these stages are planned: under Snakemake each, under DVC one of each kind; another test sees that both",
        "declare the same. `params.yaml` has every key. A study gives the keys without a base value, and those whose",
        "value differs from it; [studies/base.yaml](../studies/base.yaml) lists the base values too.",
        "",
        "| key | what it is | wanted | base | used by | reruns |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for key, field in fields(Parameters):
        direct, reruns = impact[key]
        value = "–" if base_of(field) is NO_BASE else f"`{canonical_json(base_of(field))}`"
        row = (f"`{key}`", field.description, wanted(Parameters, key), value, ", ".join(direct), reruns)
        lines.append("| " + " | ".join(row) + " |")
    lines += [
        "",
        "## Model cards: `models/<study>/<model>.yaml`",
        "",
        "| key | what it is | wanted | reruns, for that model |",
    ]
    lines += ["| --- | --- | --- | --- |"]
    for key, field in fields(Card):
        row = (f"`{key}`", field.description, wanted(Card, key), impact[f"card.{key}"][1])
        lines.append("| " + " | ".join(row) + " |")
    lines += [
        "",
        "## Code",
        "",
        "An edit that changes what code does reruns the stages that import it; comments and docstrings nothing.",
        "`config` and `pipeline` pass parameters, inputs and outputs on, which are tracked by themselves.",
        "",
        "| edit in | used by | reruns |",
        "| --- | --- | --- |",
    ]
    lines += [
        f"| `{room}` | {', '.join(direct) or '–'} | {reruns} |" for room, (direct, reruns) in code_impact(root).items()
    ]
    return "\n".join(lines) + "\n"
