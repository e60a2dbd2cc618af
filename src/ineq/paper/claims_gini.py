"""Claims on the Gini index, each decided from means and intervals over images of the study's maps."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from ineq.analysis.study_results import StudyResults
from ineq.inequality.names import GINIS
from ineq.paper.numbers import Numbers, paper_name
from ineq.paper.verdict import CONTRADICTED, NOTHING, SUPPORTED, Verdict, by_sign, by_signs, shown, sign

Statistic = Callable[[StudyResults, Numbers], Verdict]
CLOSE = 0.05
"""How far from the paper's Gini a number may lie and still agree."""


def rises(study: StudyResults, _: Numbers) -> Verdict:
    """Above the one before at every step of ε."""
    models = [model for model in study.main if study.gini(model)]
    values = [value for model in models if (value := study.gini(model))]
    if len(values) < 3:
        return NOTHING
    evidence = ", ".join(f"{model} {value.mean:.3f}" for model, value in zip(models, values, strict=True))
    if all(sign(low, high) == 1 for low, high in itertools.pairwise(values)):
        return Verdict(SUPPORTED, f"{evidence}: above the one before at every step")
    return by_sign(min(sign(values[0], values[-1]), 0), f"{evidence}: not above the one before at every step")


def robust_above_standard(measure: str) -> Statistic:
    """A measure of the most robust model above the standard one's."""

    def above(study: StudyResults, _: Numbers) -> Verdict:
        standard, robust = (study.gini(model, measure) for model in (study.standard, study.robust))
        if not standard or not robust:
            return NOTHING
        evidence = f"{study.standard} {shown(standard)}; {study.robust} {shown(robust)}"
        return by_sign(sign(standard, robust), evidence)

    return above


def near_paper(model: Callable[[StudyResults], str]) -> Statistic:
    """Within `CLOSE` of the paper's number."""

    def near(study: StudyResults, numbers: Numbers) -> Verdict:
        name, value = model(study), study.gini(model(study))
        number = numbers.find({"model": paper_name(study.cards[name]), "measure": "gini_global"})
        if number is None or value is None:
            return NOTHING
        paper = float(number["value"])
        evidence = f"{name} {shown(value)}, the paper {paper:.2f}; within {CLOSE:g} counts as agreement"
        return Verdict(SUPPORTED if abs(value.mean - paper) <= CLOSE else CONTRADICTED, evidence)

    return near


def few_pixels(study: StudyResults, _: Numbers) -> Verdict:
    """The largest 5 % of values hold more than half of the whole."""
    value = study.gini(study.robust, "share_5")
    if not value:
        return NOTHING
    evidence = f"the largest 5 % of values hold {shown(value)} of the whole in {study.robust}"
    return Verdict(SUPPORTED if value.low > 0.5 else CONTRADICTED, evidence)


def not_unequal(models: Callable[[StudyResults], list[str]]) -> Statistic:
    """Closer to the standard model than half of what l∞ training moves."""

    def similar(study: StudyResults, _: Numbers) -> Verdict:
        standard, robust = study.gini(study.standard), study.gini(study.robust)
        values = {model: value for model in models(study) if (value := study.gini(model))}
        if not standard or not robust or not values:
            return NOTHING
        named = {study.standard: standard, **values, study.robust: robust}
        half = (robust.mean - standard.mean) / 2
        near = all(value.high - standard.mean < half for value in values.values())
        evidence = "; ".join(f"{name} {shown(value)}" for name, value in named.items())
        return Verdict(SUPPORTED if near else CONTRADICTED, evidence)

    return similar


def cutout_releases(study: StudyResults, _: Numbers) -> Verdict:
    """Below the same training without Cutout."""
    signs, evidence = [], []
    for plain, model in study.cutout_pairs:
        before, after = study.gini(plain), study.gini(model)
        if before and after:
            signs.append(sign(after, before))
            evidence.append(f"{plain} {shown(before)}, {model} {shown(after)}")
    return by_signs(signs, "; ".join(evidence)) if signs else NOTHING


def methods_agree(study: StudyResults, _: Numbers) -> Verdict:
    """The robust model above the standard one by every method."""
    signs, evidence = set(), []
    for method in study.methods(study.standard, study.robust):
        first, last = (study.gini(model, method=method) for model in (study.standard, study.robust))
        if first and last:
            signs.add(sign(first, last))
            evidence.append(f"{method} {first.mean:.3f} → {last.mean:.3f}")
    if len(evidence) < 2:
        return NOTHING
    words = f"Gini, {study.standard} → {study.robust}: " + "; ".join(evidence)
    return Verdict(SUPPORTED if signs == {1} else CONTRADICTED, words)


def smoothgrad_highest(study: StudyResults, _: Numbers) -> Verdict:
    """The highest mean of all methods."""
    methods = study.methods(study.standard, study.robust)
    values = {method: value.mean for method in methods if (value := study.gini(study.robust, method=method))}
    if "smoothgrad" not in values or len(values) < 2:
        return NOTHING
    evidence = f"Gini of {study.robust}: " + "; ".join(f"{method} {mean:.3f}" for method, mean in values.items())
    return Verdict(SUPPORTED if max(values, key=values.__getitem__) == "smoothgrad" else CONTRADICTED, evidence)


def classes_agree(study: StudyResults, _: Numbers) -> Verdict:
    """Rank correlation of the classes' global and regional means."""
    table = study.tables["classes"]
    means = table[table["model"] == study.robust].groupby("class")[list(GINIS)].mean()
    if len(means) < 5:
        return NOTHING
    rank = means["gini_global"].rank().corr(means["gini_regional"].rank())
    evidence = f"rank correlation over {len(means)} classes of {study.robust}: {rank:+.2f}; above 0.5 counts as similar"
    return Verdict(SUPPORTED if rank > 0.5 else CONTRADICTED, evidence)
