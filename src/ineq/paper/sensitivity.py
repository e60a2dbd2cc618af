"""How the analysis variants, and the choice of images, move the difference between robust and standard model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ineq.analysis.study_results import StudyResults
from ineq.attacks.criteria import CRITERIA
from ineq.attribution.names import METHOD
from ineq.inequality.names import GINIS
from ineq.io.tables import records
from ineq.paper.verdict import UNDECIDED
from ineq.sensitivity.names import COLOR, DEFAULT, STATISTICS
from ineq.statistics.conclusions import CONCLUSIONS, Interval, conclusion
from ineq.statistics.intervals import SHARE, Limits, difference_interval, rate_interval

COLUMNS = (
    *("variant", "statistic", "standard", "robust", "difference", "low", "high", "images"),
    *("conclusion", "changes"),
)
Bootstrap = Callable[[ArrayLike, Limits], Interval]
Row = dict[str, Any]


def variants_table(study: StudyResults, bootstrap: Bootstrap) -> pd.DataFrame:
    """One row an analysis variant and statistic: both models, robust − standard with its interval, and what follows.

    Column `variant` names the variant. `conclusion` is "higher" or "lower" where the interval of the difference
    leaves 0 out, else "undecided"; `changes` says whether that is another than under the study's own settings. Empty
    without the two models.
    """
    tables = study.tables["sensitivity"]
    if not {study.standard, study.robust} <= set(tables["model"]):
        return pd.DataFrame(columns=list(COLUMNS))
    first, last = (tables[tables["model"] == name].reset_index(drop=True) for name in (study.standard, study.robust))
    rows = [*_variants(first, last, bootstrap), *_criteria(study), *_samples(study, first, last, bootstrap)]
    default = {row["statistic"]: _conclusion(row) for row in rows if row["variant"] == DEFAULT}
    table = [
        {**row, "conclusion": _conclusion(row), "changes": _conclusion(row) != default[row["statistic"]]}
        for row in rows
    ]
    return pd.DataFrame(table, columns=list(COLUMNS))


def _conclusion(row: Mapping[str, Any]) -> str:
    return UNDECIDED if (said := conclusion(row["low"], row["high"])) == CONCLUSIONS[-1] else said


def _row(variant: str, statistic: str, standard: float, robust: float, difference: Interval, images: int) -> Row:
    values = (variant, statistic, standard, robust, *difference, images)
    return dict(zip(COLUMNS, values, strict=False))


def _paired(variant: str, first: pd.DataFrame, last: pd.DataFrame, bootstrap: Bootstrap) -> Iterator[Row]:
    """Rows of two tables whose images belong together, one by one; `weight` weighs them."""
    weight = first.get("weight", pd.Series(1.0, first.index)).to_numpy()
    limits = (-weight.max(), weight.max())
    for statistic in STATISTICS:
        one, other = (weight * table[statistic].to_numpy(float) for table in (first, last))
        known = np.isfinite(one) & np.isfinite(other)
        one, other = one[known], other[known]
        yield _row(variant, statistic, one.mean(), other.mean(), bootstrap(other - one, limits), len(one))


def _variants(first: pd.DataFrame, last: pd.DataFrame, bootstrap: Bootstrap) -> Iterator[Row]:
    for name in dict.fromkeys(first["variant"]):
        yield from _paired(name, _only(first, name), _only(last, name), bootstrap)


def _only(table: pd.DataFrame, variant: str) -> pd.DataFrame:
    return table[table["variant"] == variant].reset_index(drop=True)


def _criteria(study: StudyResults) -> Iterator[Row]:
    """The success criteria of Algorithm 1, from the outcomes of all attacked images, at the full budget."""
    budget = dict(zip(("count", "radius"), study.occlusion_budgets[0], strict=True))
    about = {"attack": "occlusion", "setting": COLOR, "method": METHOD, "where": "important"}
    table = study.rows("attacks", **about, **budget)
    for criterion in CRITERIA:
        rows = {row["model"]: row for row in records(table[table["criterion"] == criterion])}
        if {study.standard, study.robust} <= set(rows):
            both = (rows[model] for model in (study.standard, study.robust))
            standard, robust = (rate_interval(row["error_rate"], int(row["images"])) for row in both)
            difference, images = difference_interval(standard, robust), int(rows[study.robust]["images"])
            yield _row(f"occlusion read as '{criterion}'", COLOR, standard.mean, robust.mean, difference, images)


def _samples(study: StudyResults, first: pd.DataFrame, last: pd.DataFrame, bootstrap: Bootstrap) -> Iterator[Row]:
    """Other images: classes weighed alike, each model's own correct images, and pairs of images of like margin."""
    first, last = _only(first, DEFAULT), _only(last, DEFAULT)
    # Each class counts alike, whatever its images: a weight with mean 1.
    counts = first["label"].map(first["label"].value_counts())
    balanced = first.assign(weight=len(first) / (first["label"].nunique() * counts))
    yield from _paired("sample: classes weighed alike", balanced, last, bootstrap)
    yield from _correct_images(study, bootstrap)
    margins = study.tables["margins"].set_index(["model", "image"])["margin"]
    one, other = (margins.loc[model].loc[first["image"]].to_numpy() for model in (study.standard, study.robust))
    pairs = matched(one, other)
    if len(pairs):
        alike = [table.iloc[rows].reset_index(drop=True) for table, rows in zip((first, last), pairs.T, strict=True)]
        yield from _paired("sample: images of like margin", alike[0], alike[1], bootstrap)


def matched(first: np.ndarray, last: np.ndarray, within: float = 0.1) -> np.ndarray:
    """Pairs of positions, int64 (P, 2), of two lists of margins that differ by at most `within` (logits).

    Greedy in ascending order, each position at most once: what is left over has no partner of like margin.
    """
    one, other = np.argsort(first, kind="stable"), np.argsort(last, kind="stable")
    pairs, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        gap = first[one[i]] - last[other[j]]
        if abs(gap) <= within:
            pairs.append((one[i], other[j]))
        i, j = i + (gap <= within), j + (gap >= -within)
    return np.array(pairs, np.int64).reshape(-1, 2)


def _correct_images(study: StudyResults, bootstrap: Bootstrap) -> Iterator[Row]:
    """Gini over all images of the split that a model gets right, whatever the other one does."""
    whole = study.tables["classes"]
    right = whole[whole["label"] == whole["prediction"]]
    one, other = (right[right["model"] == model] for model in (study.standard, study.robust))
    if not len(one) or not len(other):
        return
    for statistic in GINIS:
        standard, robust = (bootstrap(model[statistic].dropna(), SHARE) for model in (one, other))
        difference, images = difference_interval(standard, robust), min(len(one), len(other))
        yield _row("sample: each model's own", statistic, standard.mean, robust.mean, difference, images)
