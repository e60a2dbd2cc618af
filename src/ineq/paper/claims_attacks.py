"""Claims on noise, occlusion and transfer, each decided image by image with the same images for both models."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ineq.attacks.names import KINDS
from ineq.attribution.names import METHOD
from ineq.paper.found import Found, rate_interval
from ineq.paper.numbers import Numbers
from ineq.paper.verdict import CONTRADICTED, NOTHING, SUPPORTED, UNDECIDED, Verdict, by_sign, by_signs, shown, sign
from ineq.statistics.conclusions import Interval

Statistic = Callable[[Found, Numbers], Verdict]
LEVEL = 0.05
COLORS = ("black", "gray", "white")
"""Those that the paper has numbers of."""


def _more_fooled(found: Found, models: list[str], settings: Iterable[str], budgets: Iterable[Any]) -> Verdict:
    """Models against the standard one on the images that both get right, by McNemar with Holm's correction."""
    signs, evidence = [], []
    asked = [(model, setting, budget) for model in models for setting in settings for budget in budgets]
    for model, setting, budget in asked:
        row = found.attack("pairs", model, setting, budget)
        if row is not None:
            more = row["only_model"] - row["only_against"]
            signs.append(((more > 0) - (more < 0)) * int(row["p_holm"] < LEVEL))
            points = f"{100 * more / row['images']:+.1f} points"
            evidence.append(f"{model} {setting} {budget}: {points} (p {row['p_holm']:.2g})")
    if not signs:
        return NOTHING
    return by_signs(signs, f"error rate against {found.standard}'s: " + "; ".join(evidence))


def noise(kind: str) -> Statistic:
    """Noise of one kind at the headline number of values."""
    return lambda found, _: _more_fooled(found, [found.robust], [kind], [found.subpixels])


def occlusion(color: str) -> Statistic:
    """Occlusion in one colour at every headline budget."""
    return lambda found, _: _more_fooled(found, [found.robust], [color], found.cells)


def l2_occlusion(found: Found, _: Numbers) -> Verdict:
    """Occlusion of l2 models in every colour at every headline budget."""
    return _more_fooled(found, found.l2, COLORS, found.cells)


def random_noise(found: Found, _: Numbers) -> Verdict:
    """Random additive noise on the largest number of values."""
    size = int(found.tables["contrasts"]["subpixels"].max())
    rates = {}
    for model in (found.standard, found.robust):
        row = found.attack("contrasts", model, "additive", size)
        if row is None:
            return NOTHING
        rates[model] = rate_interval(row["random"], int(row["images"]))
    named = ", ".join(f"{model} {shown(rate)}" for model, rate in rates.items())
    return by_sign(sign(*rates.values()), f"random additive noise on {size} values: {named}")


def large_replacing_noise(found: Found, _: Numbers) -> Verdict:
    """Replacing noise on the largest number of the most important values."""
    size = int(found.tables["contrasts"]["subpixels"].max())
    row = found.attack("contrasts", found.robust, "replace", size)
    if row is None:
        return NOTHING
    evidence = f"{found.robust}: {100 * row['guided']:.1f} % fooled with {size} values replaced"
    return Verdict(SUPPORTED if row["guided"] >= 0.95 else CONTRADICTED, evidence)


def guidance_matters(found: Found, _: Numbers) -> Verdict:
    """The control that the paper lacks: does the robust model lose more by guidance than the standard one does?"""
    signs, evidence = [], []
    asked = [*((kind, found.subpixels) for kind in KINDS), *((color, found.cells[0]) for color in COLORS)]
    for setting, budget in asked:
        rows = [found.attack("contrasts", model, setting, budget) for model in (found.standard, found.robust)]
        gains = [Interval(row["difference"], row["low"], row["high"]) for row in rows if row is not None]
        if len(gains) == 2:
            signs.append(sign(*gains))
            evidence.append(f"{setting} {100 * gains[0].mean:+.1f} → {100 * gains[1].mean:+.1f}")
    if not signs:
        return NOTHING
    words = f"guided minus random, {found.standard} → {found.robust}, in points: " + "; ".join(evidence)
    return by_signs(signs, words)


def _transferred(found: Found, source: str, target: str) -> dict[tuple[str, ...], Interval]:
    """Error rates on the target of what fooled the source, by attack."""
    table = found.tables["transfer"]
    right = (table["source_right"] == 1) & (table["target_right"] == 1) & (table["source_fooled"] == 1)
    table = table[right & (table["method"] == METHOD) & (table["source"] == source) & (table["target"] == target)]
    rates = {}
    for key, rows in table.groupby(["setting", "subpixels", "count", "radius"], dropna=False, sort=False):
        rates[tuple(map(str, key))] = rate_interval(rows["fooled"].mean(), rows["image"].nunique())
    return rates


def transfer_low(found: Found, _: Numbers) -> Verdict:
    """Less than half of what fools the one fools the other."""
    both = ((found.standard, found.robust), (found.robust, found.standard))
    rates = [rate for pair in both for rate in _transferred(found, *pair).values()]
    if not rates:
        return NOTHING
    low, high = min(rate.mean for rate in rates), max(rate.mean for rate in rates)
    evidence = f"of what fools one of them, the other is fooled by {100 * low:.0f} to {100 * high:.0f} %"
    if all(rate.high < 0.5 for rate in rates):
        return Verdict(SUPPORTED, evidence)
    return Verdict(CONTRADICTED if any(rate.low > 0.5 for rate in rates) else UNDECIDED, evidence)


def transfer_easier(found: Found, _: Numbers) -> Verdict:
    """From the standard to the robust model against the way back, for every attack."""
    there = _transferred(found, found.standard, found.robust)
    back = _transferred(found, found.robust, found.standard)
    keys = [key for key in there if key in back]
    if not keys:
        return NOTHING
    rates = "; ".join(f"{key[0]} {100 * there[key].mean:.0f} against {100 * back[key].mean:.0f} %" for key in keys)
    evidence = f"{found.standard} to {found.robust} against the way back, of source successes: {rates}"
    return by_signs([sign(back[key], there[key]) for key in keys], evidence)
