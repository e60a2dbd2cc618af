"""The numbers at the top of the report; the words around them are in `templates/lead.j2`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ineq.analysis.gains import Gains, gains
from ineq.figures.style import method_title
from ineq.inequality.names import GINIS
from ineq.io.tables import records
from ineq.paper.agreement import counted
from ineq.report.render import words
from ineq.report.verdict import space_line, verdict_lines
from ineq.statistics.conclusions import Interval, direction


@dataclass(frozen=True)
class Lead:
    """Verdicts on models under audit and a sentence on their space, sentences, headline attacks, (word, meaning)."""

    verdicts: list[tuple[str, list[str]]]
    space: str
    sentences: list[str]
    attacks: Gains | None
    glossary: list[list[str]]


def lead(tables: Mapping[str, pd.DataFrame], method: str, pair: Sequence[str]) -> Lead:
    """The claim with this run's own numbers; `pair` is the standard and the most robust model, or those under audit."""
    models, gini, title = tables["models"], tables["gini"], method_title(method)
    contrasts = tables["contrasts"]
    headline = contrasts[contrasts["headline"].astype(bool)]
    attacks = gains(headline, method, pair) if len(headline) and len(pair) > 1 else None
    sentences = words(
        "lead.j2",
        "sentences",
        method=title,
        measures=_gini(gini, method, pair),
        trained={row["model"]: row["epsilon"] for row in records(models) if row["norm"] != "unknown"},
        gain=attacks.words if attacks else "",
        claims=counted(tables["claims"]),
        scale={
            "models": len(models),
            "sampled": int(models["sampled"].max()),
            "methods": gini["method"].nunique(),
            "lowest": models["accuracy"].min(),
            "highest": models["accuracy"].max(),
        },
    )
    glossary = [entry.split(": ", 1) for entry in words("lead.j2", "glossary", method=title)]
    verdicts = list(verdict_lines(tables["verdict"], models))
    return Lead(verdicts, _space(tables["parameters"]) if verdicts else "", sentences, attacks, glossary)


def _space(parameters: pd.DataFrame) -> str:
    values = parameters.set_index("parameter")["value"]
    return space_line([values["data.mean"]], [values["data.std"]])


def _gini(gini: pd.DataFrame, method: str, pair: Sequence[str]) -> list[tuple[str, list[tuple[str, Interval]], str]]:
    """Of each measure the pair's means with intervals, and whether the last one's lies apart from the first one's."""
    rows = {(row["measure"], row["model"]): row for row in records(gini[gini["method"] == method])}
    measures = []
    for measure, name in GINIS.items():
        values = [Interval(*(rows[measure, model][key] for key in ("mean", "low", "high"))) for model in pair]
        apart = direction(values[0], values[-1]) if len(pair) > 1 else ""
        measures.append((name, list(zip(pair, values, strict=True)), apart))
    return measures
