"""Claims on noise, occlusion and transfer, each decided image by image with the same images for both models."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ineq.analysis.study_results import StudyResults
from ineq.attacks.names import KINDS
from ineq.attribution.names import METHOD
from ineq.paper.numbers import Numbers
from ineq.paper.verdict import CONTRADICTED, NOTHING, SUPPORTED, UNDECIDED, Verdict, by_sign, by_signs, shown, sign
from ineq.statistics.conclusions import Interval
from ineq.statistics.intervals import rate_interval

Statistic = Callable[[StudyResults, Numbers], Verdict]
LEVEL = 0.05
COLORS = ("black", "gray", "white")
"""Those that the paper has numbers of."""


def _more_fooled(study: StudyResults, models: list[str], settings: Iterable[str], budgets: Iterable[Any]) -> Verdict:
    """Models against their reference on the images that both get right, by McNemar with Holm's correction."""
    signs, evidence, references = [], [], []
    asked = [(model, setting, budget) for model in models for setting in settings for budget in budgets]
    for model, setting, budget in asked:
        row = study.attack("pairs", model, setting, budget)
        if row is not None:
            more = row["only_model"] - row["only_against"]
            references.append(f"{row['against']}'s")
            signs.append(((more > 0) - (more < 0)) * int(row["p_holm"] < LEVEL))
            points = f"{100 * more / row['images']:+.1f} points"
            evidence.append(f"{model} {setting} {budget}: {points} (p {row['p_holm']:.2g})")
    if not signs:
        return NOTHING
    return by_signs(signs, f"error rate against {' and '.join(dict.fromkeys(references))}: " + "; ".join(evidence))


def noise(kind: str) -> Statistic:
    """Noise of one kind at the headline number of values."""
    return lambda study, _: _more_fooled(study, [study.robust], [kind], [study.noise_budget])


def occlusion(color: str) -> Statistic:
    """Occlusion in one colour at every headline budget."""
    return lambda study, _: _more_fooled(study, [study.robust], [color], study.occlusion_budgets)


def l2_occlusion(study: StudyResults, _: Numbers) -> Verdict:
    """Occlusion of l2 models in every colour at every headline budget."""
    return _more_fooled(study, study.l2, COLORS, study.occlusion_budgets)


def random_noise(study: StudyResults, _: Numbers) -> Verdict:
    """Random additive noise on the largest number of values."""
    size = int(study.tables["contrasts"]["subpixels"].max())
    rates = {}
    for model in (study.standard, study.robust):
        row = study.attack("contrasts", model, "additive", size)
        if row is None:
            return NOTHING
        rates[model] = rate_interval(row["random"], int(row["images"]))
    named = ", ".join(f"{model} {shown(rate)}" for model, rate in rates.items())
    return by_sign(sign(*rates.values()), f"random additive noise on {size} values: {named}")


def large_replacing_noise(study: StudyResults, _: Numbers) -> Verdict:
    """Replacing noise on the largest number of the most important values."""
    size = int(study.tables["contrasts"]["subpixels"].max())
    row = study.attack("contrasts", study.robust, "replace", size)
    if row is None:
        return NOTHING
    evidence = f"{study.robust}: {100 * row['guided']:.1f} % fooled with {size} values replaced"
    return Verdict(SUPPORTED if row["guided"] >= 0.95 else CONTRADICTED, evidence)


def gain_matters(study: StudyResults, _: Numbers) -> Verdict:
    """The control that the paper lacks: is the robust model's gain over random higher than the standard one's?"""
    signs, evidence = [], []
    full = study.occlusion_budgets[0]
    for setting, budget in [*((kind, study.noise_budget) for kind in KINDS), *((color, full) for color in COLORS)]:
        rows = [study.attack("contrasts", model, setting, budget) for model in (study.standard, study.robust)]
        gains = [Interval(row["difference"], row["low"], row["high"]) for row in rows if row is not None]
        if len(gains) == 2:
            signs.append(sign(*gains))
            evidence.append(f"{setting} {100 * gains[0].mean:+.1f} → {100 * gains[1].mean:+.1f}")
    if not signs:
        return NOTHING
    words = f"guided minus random, {study.standard} → {study.robust}, in points: " + "; ".join(evidence)
    return by_signs(signs, words)


def _transferred(study: StudyResults, source: str, target: str) -> dict[tuple[str, ...], Interval]:
    """Error rates on the target of what fooled the source, by attack."""
    table = study.tables["transfer"]
    right = (table["source_right"] == 1) & (table["target_right"] == 1) & (table["source_fooled"] == 1)
    table = table[right & (table["method"] == METHOD) & (table["source"] == source) & (table["target"] == target)]
    rates = {}
    for key, rows in table.groupby(["setting", "subpixels", "count", "radius"], dropna=False, sort=False):
        rates[tuple(map(str, key))] = rate_interval(rows["fooled"].mean(), rows["image"].nunique())
    return rates


def transfer_low(study: StudyResults, _: Numbers) -> Verdict:
    """Less than half of what fools the one fools the other."""
    both = ((study.standard, study.robust), (study.robust, study.standard))
    rates = [rate for pair in both for rate in _transferred(study, *pair).values()]
    if not rates:
        return NOTHING
    low, high = min(rate.mean for rate in rates), max(rate.mean for rate in rates)
    evidence = f"of what fools one of them, the other is fooled by {100 * low:.0f} to {100 * high:.0f} %"
    if all(rate.high < 0.5 for rate in rates):
        return Verdict(SUPPORTED, evidence)
    return Verdict(CONTRADICTED if any(rate.low > 0.5 for rate in rates) else UNDECIDED, evidence)


def transfer_easier(study: StudyResults, _: Numbers) -> Verdict:
    """From the standard to the robust model against the way back, for every attack."""
    there = _transferred(study, study.standard, study.robust)
    back = _transferred(study, study.robust, study.standard)
    keys = [key for key in there if key in back]
    if not keys:
        return NOTHING
    rates = "; ".join(f"{key[0]} {100 * there[key].mean:.0f} against {100 * back[key].mean:.0f} %" for key in keys)
    evidence = f"{study.standard} to {study.robust} against the way back, of source successes: {rates}"
    return by_signs([sign(back[key], there[key]) for key in keys], evidence)
