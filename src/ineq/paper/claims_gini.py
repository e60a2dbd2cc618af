"""Claims on the Gini index, each decided from means and intervals over images of the study's maps."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from ineq.inequality.names import GINIS
from ineq.paper.found import Found
from ineq.paper.numbers import Numbers, paper_name
from ineq.paper.verdict import CONTRADICTED, NOTHING, SUPPORTED, Verdict, by_sign, by_signs, shown, sign

Statistic = Callable[[Found, Numbers], Verdict]
CLOSE = 0.05
"""How far from the paper's Gini a number may lie and still agree."""


def rises(found: Found, _: Numbers) -> Verdict:
    """Above the one before at every step of ε."""
    models = [model for model in found.main if found.gini(model)]
    values = [value for model in models if (value := found.gini(model))]
    if len(values) < 3:
        return NOTHING
    evidence = ", ".join(f"{model} {value.mean:.3f}" for model, value in zip(models, values, strict=True))
    if all(sign(low, high) == 1 for low, high in itertools.pairwise(values)):
        return Verdict(SUPPORTED, f"{evidence}: above the one before at every step")
    return by_sign(min(sign(values[0], values[-1]), 0), f"{evidence}: not above the one before at every step")


def robust_above_standard(measure: str) -> Statistic:
    """A measure of the most robust model above the standard one's."""

    def above(found: Found, _: Numbers) -> Verdict:
        standard, robust = (found.gini(model, measure) for model in (found.standard, found.robust))
        if not standard or not robust:
            return NOTHING
        evidence = f"{found.standard} {shown(standard)}; {found.robust} {shown(robust)}"
        return by_sign(sign(standard, robust), evidence)

    return above


def near_paper(model: Callable[[Found], str]) -> Statistic:
    """Within `CLOSE` of the paper's number."""

    def near(found: Found, numbers: Numbers) -> Verdict:
        name, value = model(found), found.gini(model(found))
        told = numbers.find({"model": paper_name(found.cards[name]), "measure": "gini_global"})
        if told is None or value is None:
            return NOTHING
        paper = float(told["value"])
        evidence = f"{name} {shown(value)}, the paper {paper:.2f}; within {CLOSE:g} counts as agreement"
        return Verdict(SUPPORTED if abs(value.mean - paper) <= CLOSE else CONTRADICTED, evidence)

    return near


def few_pixels(found: Found, _: Numbers) -> Verdict:
    """The largest 5 % of values hold more than half of the whole."""
    value = found.gini(found.robust, "share_5")
    if not value:
        return NOTHING
    evidence = f"the largest 5 % of values hold {shown(value)} of the whole in {found.robust}"
    return Verdict(SUPPORTED if value.low > 0.5 else CONTRADICTED, evidence)


def not_unequal(models: Callable[[Found], list[str]]) -> Statistic:
    """Closer to the standard model than half of what l∞ training moves."""

    def similar(found: Found, _: Numbers) -> Verdict:
        standard, robust = found.gini(found.standard), found.gini(found.robust)
        values = {model: value for model in models(found) if (value := found.gini(model))}
        if not standard or not robust or not values:
            return NOTHING
        named = {found.standard: standard, **values, found.robust: robust}
        half = (robust.mean - standard.mean) / 2
        near = all(value.high - standard.mean < half for value in values.values())
        evidence = "; ".join(f"{name} {shown(value)}" for name, value in named.items())
        return Verdict(SUPPORTED if near else CONTRADICTED, evidence)

    return similar


def cutout_releases(found: Found, _: Numbers) -> Verdict:
    """Below the same training without Cutout."""
    signs, evidence = [], []
    for plain, model in found.cutout_pairs:
        before, after = found.gini(plain), found.gini(model)
        if before and after:
            signs.append(sign(after, before))
            evidence.append(f"{plain} {shown(before)}, {model} {shown(after)}")
    return by_signs(signs, "; ".join(evidence)) if signs else NOTHING


def methods_agree(found: Found, _: Numbers) -> Verdict:
    """The robust model above the standard one by every method."""
    signs, evidence = set(), []
    for method in found.methods(found.standard, found.robust):
        first, last = (found.gini(model, method=method) for model in (found.standard, found.robust))
        if first and last:
            signs.add(sign(first, last))
            evidence.append(f"{method} {first.mean:.3f} → {last.mean:.3f}")
    if len(evidence) < 2:
        return NOTHING
    words = f"Gini, {found.standard} → {found.robust}: " + "; ".join(evidence)
    return Verdict(SUPPORTED if signs == {1} else CONTRADICTED, words)


def smoothgrad_highest(found: Found, _: Numbers) -> Verdict:
    """The highest mean of all methods."""
    methods = found.methods(found.standard, found.robust)
    values = {method: value.mean for method in methods if (value := found.gini(found.robust, method=method))}
    if "smoothgrad" not in values or len(values) < 2:
        return NOTHING
    evidence = f"Gini of {found.robust}: " + "; ".join(f"{method} {mean:.3f}" for method, mean in values.items())
    return Verdict(SUPPORTED if max(values, key=values.__getitem__) == "smoothgrad" else CONTRADICTED, evidence)


def classes_agree(found: Found, _: Numbers) -> Verdict:
    """Rank correlation of the classes' global and regional means."""
    table = found.tables["classes"]
    means = table[table["model"] == found.robust].groupby("class")[list(GINIS)].mean()
    if len(means) < 5:
        return NOTHING
    rank = means["gini_global"].rank().corr(means["gini_regional"].rank())
    evidence = f"rank correlation over {len(means)} classes of {found.robust}: {rank:+.2f}; above 0.5 counts as similar"
    return Verdict(SUPPORTED if rank > 0.5 else CONTRADICTED, evidence)
