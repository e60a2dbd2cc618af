"""The paper's tables, each from this study's long tables, one number a row, with the paper's number beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from ineq.analysis.study_results import StudyResults
from ineq.attacks.names import ATTACK, BUDGET_TYPES
from ineq.attribution.names import METHOD
from ineq.inequality.measures import gini, sparsity
from ineq.inequality.names import GINIS
from ineq.inequality.table import SHARES
from ineq.io.tables import records
from ineq.paper.numbers import Numbers, paper_architecture, paper_name
from ineq.statistics.intervals import rate_interval

Row = dict[str, Any]
COLUMNS = (
    *("source", "model", "architecture", "epsilon", "class", "method", *ATTACK),
    *("measure", "here", "sd", "low", "high", "random", "images"),
    *("paper", "relation", "paper_sd", "difference", "paper_id"),
)
NORMAL = 1.96  # of a class's mean, over as many images as a class has: the normal 95 % interval
TOYS = {"x1": [0, 0, 0, 1, 1], "x2": [0, 0, 0, 1, 1000]}
"""The example vectors of A.3."""


def table(item: str, study: StudyResults, numbers: Numbers) -> pd.DataFrame:
    """The rows of an item with `COLUMNS`, the paper's number and the difference where the paper has one."""
    rows = [_with_paper(row, study, numbers) for row in ROWS[item](study)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({**BUDGET_TYPES, "images": "Int64"})


def _with_paper(row: Row, study: StudyResults, numbers: Numbers) -> Row:
    number = numbers.named(row["paper_id"]) if "paper_id" in row else None
    card = study.cards.get(row.get("model", ""))
    if card is not None:
        row |= {"architecture": paper_architecture(card), "epsilon": card["train"]["epsilon"]}
        name = paper_name(card)
        # A source, a class, another method: of those the text has no numbers.
        asked = name and not {"source", "class"} & set(row) and row.get("method", METHOD) == METHOD
        number = numbers.find({**row, "model": name}) if asked else None
    if number is None:
        return row
    value = float(number["value"])
    paper = {"paper": value, "relation": number["relation"], "paper_sd": number["sd"], "paper_id": number["id"]}
    return row | paper | {"difference": row["here"] - value}


def gini_rows(
    study: StudyResults, models: Iterable[str], measures: Iterable[str], method: str = METHOD
) -> Iterator[Row]:
    """Mean over images with its standard deviation and interval."""
    for model in models:
        for measure in measures:
            for row in records(study.rows("gini", model=model, method=method, measure=measure)):
                kept = {key: row[key] for key in ("model", "method", "measure", "sd", "low", "high", "images")}
                yield {**kept, "here": row["mean"]}


def attack_rows(
    study: StudyResults, models: Iterable[str], attack: str, settings: Iterable[str] | None = None, method: str = METHOD
) -> Iterator[Row]:
    """Error rates of the guided attack at the headline budgets beside its random control's, interval of Wilson."""
    # Of noise at the headline's budget alone, of occlusions at all that are compared.
    table = study.rows("contrasts", method=method, attack=attack)
    table = table[table["headline"] | (attack == "occlusion")]
    for model in models:
        for row in records(table[table["model"] == model]):
            if settings is None or row["setting"] in settings:
                yield _rate(row["guided"], int(row["images"])) | _budget(row) | {"random": row["random"]}


def _budget(row: Row) -> Row:
    return {key: row[key] for key in ("model", "method", *ATTACK) if not pd.isna(row[key])} | {"measure": "error_rate"}


def _rate(rate: float, images: int) -> Row:
    _, low, high = rate_interval(rate, images)
    return {"here": rate, "low": min(low, rate), "high": max(high, rate), "images": images}


def accuracy_rows(study: StudyResults, models: Iterable[str]) -> Iterator[Row]:
    """Accuracy on the whole split."""
    rows = {row["model"]: row for row in records(study.tables["models"])}
    for model in models:
        yield {"model": model, "measure": "accuracy", **_rate(rows[model]["accuracy"], rows[model]["images"])}


def robust_rows(study: StudyResults, models: Iterable[str]) -> Iterator[Row]:
    """Accuracy under PGD and AutoAttack at the common budget."""
    table = study.tables["robustness"]
    for row in records(table[table["model"].isin(list(models)) & (table["budget"] == "common")]):
        kept = {key: row[key] for key in ("model", "low", "high", "images")}
        yield {**kept, "measure": f"accuracy_{row['attack']}", "here": row["accuracy"]}


def _comparison(models: Callable[[StudyResults], list[str]]) -> Callable[[StudyResults], Iterator[Row]]:
    """What the paper's comparisons of models show: accuracy, both Ginis, occlusions in all colours, noise."""

    def rows(study: StudyResults) -> Iterator[Row]:
        for model in dict.fromkeys(models(study)):
            yield from accuracy_rows(study, [model])
            yield from gini_rows(study, [model], GINIS)
            yield from attack_rows(study, [model], "occlusion")
            yield from attack_rows(study, [model], "noise")

    return rows


def _all_series(study: StudyResults) -> list[str]:
    return [model for architecture in study.architectures for model in study.series_of(architecture)]


def _table1(study: StudyResults) -> Iterator[Row]:
    yield from gini_rows(study, _all_series(study), GINIS)
    controls = study.tables["controls"]
    for row in records(controls[(controls["method"] == METHOD) & controls["measure"].isin(GINIS)]):
        kept = {key: row[key] for key in ("method", "measure", "sd", "low", "high", "images")}
        name = "the images alone" if row["control"] == "input" else f"untrained {row['architecture']}"
        yield {**kept, "model": name, "here": row["mean"]}


def _table3(study: StudyResults) -> Iterator[Row]:
    models = [study.standard, study.robust]
    for method in study.methods(*models):
        for model in models:
            yield from gini_rows(study, [model], GINIS, method)
            yield from attack_rows(study, [model], "noise", None, method)
            yield from attack_rows(study, [model], "occlusion", ("black",), method)


def _table4(study: StudyResults) -> Iterator[Row]:
    """Both denominators: all images that source and target get right, and those that fooled the source."""
    keys = ["source", "target", *ATTACK]
    table = study.tables["transfer"]
    table = table[(table["method"] == METHOD) & (table["source_right"] == 1) & (table["target_right"] == 1)]
    for _, rows in table.groupby(keys, sort=False, dropna=False):
        about = {name: value for name, value in records(rows[keys].head(1))[0].items() if not pd.isna(value)}
        about |= {"model": about.pop("target"), "method": METHOD}
        fooled = rows[rows["source_fooled"] == 1]
        for measure, attempts in {"error_rate": rows, "error_rate_of_successes": fooled}.items():
            if len(attempts):
                images = attempts["image"].nunique()
                yield {**about, "measure": measure, **_rate(attempts["fooled"].mean(), images)}


def _table5(study: StudyResults) -> Iterator[Row]:
    for model in study.cards:
        yield from accuracy_rows(study, [model])
        yield from robust_rows(study, [model])


def class_rows(study: StudyResults, measure: str) -> Iterator[Row]:
    """Mean of each class over the whole split, most unequal first; then over the images that the model gets right."""
    for model, table in study.tables["classes"].groupby("model", sort=False):
        for name, part in {"all": table, "correct": table[table["label"] == table["prediction"]]}.items():
            means = part.groupby("class")[measure].agg(here="mean", sd="std", images="count").reset_index()
            about = {"model": model, "setting": f"{name} images", "method": METHOD, "measure": measure}
            half = NORMAL * means["sd"] / means["images"] ** 0.5
            means = means.assign(low=means["here"] - half, high=means["here"] + half)
            for row in records(means.sort_values("here", ascending=False, kind="stable")):
                yield {**about, **row}


def _sparsity(study: StudyResults) -> Iterator[Row]:
    for name, values in TOYS.items():
        vector = np.array(values, float)
        # By A.3's rule the share that "dominates" is 1 − Gini.
        measures = {"gini_global": gini(vector), "sparsity": sparsity(vector[None])[0], "share": 1 - gini(vector)}
        for measure, value in measures.items():
            toy = {"setting": str(values), "measure": measure, "here": float(value)}
            yield {**toy, "paper_id": f"a3-toy-{name}-{measure}"}
    yield from gini_rows(study, _all_series(study), ("sparsity", "gini_global", *SHARES))


def _pruned(study: StudyResults) -> Iterator[Row]:
    yield from records(study.tables["zeros"])
    yield from _comparison(lambda study: [study.standard, *study.pruned, study.robust])(study)


ROWS: dict[str, Callable[[StudyResults], Iterable[Row]]] = {
    "table1": _table1,
    "table2": lambda study: attack_rows(study, _all_series(study), "occlusion"),
    "table3": _table3,
    "table4": _table4,
    "table5": _table5,
    "table6": lambda study: class_rows(study, "gini_global"),
    "table7": lambda study: class_rows(study, "gini_regional"),
    "table8": _comparison(lambda study: [model for pair in study.cutout_pairs for model in pair]),
    "a3": _sparsity,
    "a5": _comparison(lambda study: [study.standard, *study.l2, study.robust]),
    "a6": _pruned,
}
"""What answers each of `names.ITEMS`."""
