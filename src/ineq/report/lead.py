"""What stands at the top of the report: the paper's claim, what this run says to it whichever way, and four words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ineq.figures.captions import listed
from ineq.figures.style import method_title
from ineq.inequality.names import GINIS
from ineq.io.tables import records
from ineq.paper.summary import counted
from ineq.report.verdict import verdict_lines
from ineq.statistics.conclusions import Interval, direction
from ineq.tables.guidance import Guidance, guidance

CLAIM = (
    "The paper “Inequality Phenomenon in l∞-Adversarial Training, and its Unrealized Threats” (ICLR 2023) claims that "
    "l∞-adversarial training makes a classifier rest its decision on very few pixels, the more so the larger ε is, and "
    "that such a model then fails under plain noise or a small patch on just those pixels, where a normally trained "
    "model stands."
)
GLOSSARY = {
    "Attribution map": "how much each value of an image speaks for (positive) or against (negative) the class; "
    "computed here by {method}, unless said otherwise.",
    "Gini index": "how unequally a map's sizes are spread: 0 if all values count the same, near 1 if one of them "
    "holds everything. The global one is over single values, the regional one over blocks of pixels.",
    "ε": "how far adversarial training may change each value of an image (0 to 1) to mislead the network while it "
    "learns; 0 is standard training.",
    "Guided and random twin": "a guided attack disturbs what the model's own map calls most important; its random "
    "twin disturbs as much, in as many tries, at places drawn by chance. Only their difference is owed to the map.",
}


@dataclass(frozen=True)
class Lead:
    """Verdicts on models under audit, sentences, a table of the headline attacks, (word, meaning) of the words used."""

    verdicts: list[tuple[str, list[str]]]
    sentences: list[str]
    attacks: Guidance | None
    glossary: list[tuple[str, str]]


def lead(tables: Mapping[str, pd.DataFrame], method: str, pair: Sequence[str], subpixels: int) -> Lead:
    """The claim with this run's own numbers; `pair` is the standard and the most robust model, or those under audit."""
    models, gini = tables["models"], tables["gini"]
    trained = {row["model"]: f" (ε = {row['epsilon']:.3g})" for row in records(models) if row["norm"] != "unknown"}
    methods = gini["method"].nunique()
    title = method_title(method)
    scale = (
        f"{len(models)} model{'s' * (len(models) > 1)}, {int(models['sampled'].max())} sampled images, {methods} "
        f"attribution method{'s' * (methods > 1)}. Accuracy from {100 * models['accuracy'].min():.1f} to "
        f"{100 * models['accuracy'].max():.1f} %."
    )
    comparable = len(tables["contrasts"]) and len(pair) > 1
    attacks = guidance(tables["contrasts"], method, pair, subpixels) if comparable else None
    sentences = [CLAIM, _gini(gini, method, pair, trained)]
    sentences += [attacks.words] if attacks else []
    sentences.append(f"Of the paper's claims, on the checkpoints of this study: {counted(tables['claims'])}. {scale}")
    glossary = [(word, meaning.format(method=title)) for word, meaning in GLOSSARY.items()]
    return Lead(list(verdict_lines(tables["verdict"], models)), sentences, attacks, glossary)


def _gini(gini: pd.DataFrame, method: str, pair: Sequence[str], trained: Mapping[str, str]) -> str:
    """The Gini indices of the pair with their intervals, and whether the last one's lies apart from the first one's."""
    rows = {(row["measure"], row["model"]): row for row in records(gini[gini["method"] == method])}
    parts = []
    for measure, name in GINIS.items():
        found = [Interval(*(rows[measure, model][key] for key in ("mean", "low", "high"))) for model in pair]
        told = [
            f"{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}] for {model}{trained.get(model, '')}"
            for value, model in zip(found, pair, strict=True)
        ]
        verdict = f", which is {direction(found[0], found[-1])}" if len(found) > 1 else ""
        parts.append(f"the {name} Gini index of {method_title(method)} is {listed(told)}{verdict}")
    return f"In this run {'; '.join(parts)}. Brackets are 95 % intervals over images."
