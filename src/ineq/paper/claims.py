"""The paper's claims: the statistic that decides each, and what it says of a study.

`data/paper/claims.csv` lists them with their wording; a claim's `statistic` names a function here. A study compares
checkpoints: where a family has one training seed, so does the verdict. "undecided" is what could be tested, but moves
less than its interval over images; "not testable here" is what the study has no models, images or attacks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import pandas as pd

from ineq.paper.found import METHOD, Found
from ineq.paper.numbers import Numbers, paper_name
from ineq.statistics.intervals import Interval, share_interval

COLUMNS = ("id", "place", "item", "claim", "wording", "statistic", "rule")
VERDICTS = ("supported", "contradicted", "undecided", "not testable here")
SUPPORTED, CONTRADICTED, UNDECIDED, UNTESTABLE = VERDICTS
LEVEL = 0.05
CLOSE = 0.05
"""How far from the paper's Gini a number may lie and still agree."""
COLORS = ("black", "gray", "white")
KINDS = ("additive", "replace")


class Verdict(NamedTuple):
    """A verdict and the numbers it rests on."""

    verdict: str
    evidence: str


NOTHING = Verdict(UNTESTABLE, "the study has no such models, images or attacks")


def verdicts(claims: pd.DataFrame, found: Found, numbers: Numbers) -> pd.DataFrame:
    """The claims with `verdict` and `evidence`."""
    judged = [STATISTICS[name](found, numbers) for name in claims["statistic"]]
    return claims.assign(verdict=[one.verdict for one in judged], evidence=[one.evidence for one in judged])


def _sign(first: Interval, last: Interval) -> int:
    """Whether the last is above (1) or below (−1) the first; 0 where their intervals overlap."""
    return int(last.low > first.high) - int(last.high < first.low)


def _by_sign(sign: int, evidence: str) -> Verdict:
    return Verdict({1: SUPPORTED, -1: CONTRADICTED, 0: UNDECIDED}[sign], evidence)


def _told(value: Interval) -> str:
    return f"{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]"


def _compared(found: Found, models: Iterable[str], wanted: int, measure: str = "gini_global") -> Verdict:
    """Gini of each of `models` against the standard one's: `wanted` 1 for above, −1 for below."""
    values = {model: found.gini(model, measure) for model in models}
    values = {model: value for model, value in values.items() if value}
    standard = found.gini(found.standard, measure)
    if not values or not standard:
        return NOTHING
    signs = {wanted * _sign(standard, value) for value in values.values()}
    evidence = "; ".join(f"{model} {_told(value)}" for model, value in {found.standard: standard, **values}.items())
    return _by_sign(signs.pop() if len(signs) == 1 else 0, evidence)


def _rises(found: Found, _: Numbers) -> Verdict:
    values = [value for model in found.main if (value := found.gini(model))]
    if len(values) < 3:
        return NOTHING
    signs = [_sign(low, high) for low, high in zip(values, values[1:], strict=False)]
    evidence = ", ".join(f"{model} {value.mean:.3f}" for model, value in zip(found.main, values, strict=True))
    if all(sign == 1 for sign in signs):
        return Verdict(SUPPORTED, f"{evidence}: above the one before at every step")
    ends = _sign(values[0], values[-1])
    return _by_sign(min(ends, 0), f"{evidence}: not above the one before at every step")


def _near_paper(model: Callable[[Found], str]) -> Callable[[Found, Numbers], Verdict]:
    def near(found: Found, numbers: Numbers) -> Verdict:
        name, value = model(found), found.gini(model(found))
        told = numbers.find({"model": paper_name(found.cards[name]), "measure": "gini_global"})
        if told is None or value is None:
            return NOTHING
        close = abs(value.mean - float(told["value"])) <= CLOSE
        evidence = f"{name} {_told(value)}, the paper {float(told['value']):.2f}; within {CLOSE:g} counts as agreement"
        return Verdict(SUPPORTED if close else CONTRADICTED, evidence)

    return near


def _few_pixels(found: Found, _: Numbers) -> Verdict:
    value = found.gini(found.robust, "share_5")
    if not value:
        return NOTHING
    evidence = f"the largest 5 % of values hold {_told(value)} of the whole in {found.robust}"
    return Verdict(SUPPORTED if value.low > 0.5 else CONTRADICTED, evidence)


def _more_fooled(
    found: Found, models: list[str], settings: Iterable[str], budgets: Iterable[Any], wanted: int = 1
) -> Verdict:
    """Models against the standard one on the images that both get right, by McNemar with Holm's correction."""
    signs, told = [], []
    for model in models:
        for setting in settings:
            for budget in budgets:
                row = found.attack("pairs", model, setting, budget)
                if row is None:
                    continue
                more = row["only_model"] - row["only_against"]
                signs.append(((more > 0) - (more < 0)) * int(row["p_holm"] < LEVEL))
                told.append(
                    f"{model} {setting} {budget}: {100 * more / row['images']:+.1f} points (p {row['p_holm']:.2g})"
                )
    if not signs:
        return NOTHING
    evidence = f"error rate against {found.standard}'s: " + "; ".join(told)
    agree = {wanted * sign for sign in signs}
    # Part of it one way, the rest too close to call: not against the claim, and not wholly for it.
    return _by_sign(agree.pop() if len(agree) == 1 else 0, evidence)


def _noise(*kinds: str) -> Callable[[Found, Numbers], Verdict]:
    return lambda found, _: _more_fooled(found, [found.robust], kinds, [found.subpixels])


def _random_noise(found: Found, _: Numbers) -> Verdict:
    """At the largest number of values that noise is put on."""
    size = int(found.tables["contrasts"]["subpixels"].max())
    rows = [found.attack("contrasts", model, "additive", size) for model in (found.standard, found.robust)]
    if None in rows:
        return NOTHING
    rates = [share_interval(round(row["random"] * row["images"]), int(row["images"])) for row in rows if row]
    evidence = f"random additive noise on {size} values: " + ", ".join(
        f"{model} {_told(rate)}" for model, rate in zip((found.standard, found.robust), rates, strict=True)
    )
    return _by_sign(_sign(*rates), evidence)


def _large_replacing(found: Found, _: Numbers) -> Verdict:
    size = int(found.tables["contrasts"]["subpixels"].max())
    row = found.attack("contrasts", found.robust, "replace", size)
    if row is None:
        return NOTHING
    evidence = f"{found.robust}: {100 * row['guided']:.1f} % fooled with {size} values replaced"
    return Verdict(SUPPORTED if row["guided"] >= 0.95 else CONTRADICTED, evidence)


def _occlusion(*colors: str) -> Callable[[Found, Numbers], Verdict]:
    return lambda found, _: _more_fooled(found, [found.robust], colors, found.cells)


def _guidance_matters(found: Found, _: Numbers) -> Verdict:
    """The control that the paper lacks: does the robust model lose more by guidance than the standard one does?"""
    signs, told = [], []
    for setting, budget in [*((kind, found.subpixels) for kind in KINDS), *((color, found.cells[0]) for color in COLORS)]:
        rows = [found.attack("contrasts", model, setting, budget) for model in (found.standard, found.robust)]
        if None in rows:
            continue
        gains = [Interval(row["difference"], row["low"], row["high"]) for row in rows if row]
        signs.append(_sign(*gains))
        told.append(f"{setting} {100 * gains[0].mean:+.1f} → {100 * gains[1].mean:+.1f}")
    if not signs:
        return NOTHING
    evidence = f"guided minus random, {found.standard} → {found.robust}, in points: " + "; ".join(told)
    return _by_sign(signs[0] if len(set(signs)) == 1 else 0, evidence)


def _transferred(found: Found, source: str, target: str) -> dict[tuple[str, ...], Interval]:
    """Error rates on the target of what fooled the source, by attack."""
    table = found.tables["transfer"]
    right = (table["source_right"] == 1) & (table["target_right"] == 1) & (table["source_fooled"] == 1)
    table = table[right & (table["method"] == METHOD) & (table["source"] == source) & (table["target"] == target)]
    groups = table.groupby(["setting", "subpixels", "count", "radius"], dropna=False, sort=False)
    found_rates = {}
    for key, rows in groups:
        images = rows["image"].nunique()
        found_rates[tuple(map(str, key))] = share_interval(round(rows["fooled"].mean() * images), images)
    return found_rates


def _transfer_low(found: Found, _: Numbers) -> Verdict:
    both = [(found.standard, found.robust), (found.robust, found.standard)]
    rates = [rate for pair in both for rate in _transferred(found, *pair).values()]
    if not rates:
        return NOTHING
    highs = f"of what fools one of them, the other is fooled by {min(r.mean for r in rates):.0%} to {max(r.mean for r in rates):.0%}"
    if all(rate.high < 0.5 for rate in rates):
        return Verdict(SUPPORTED, f"{highs}: everywhere below a half")
    return Verdict(CONTRADICTED if any(rate.low > 0.5 for rate in rates) else UNDECIDED, highs)


def _transfer_easier(found: Found, _: Numbers) -> Verdict:
    there, back = (
        _transferred(found, *pair) for pair in ((found.standard, found.robust), (found.robust, found.standard))
    )
    keys = [key for key in there if key in back]
    if not keys:
        return NOTHING
    signs = {_sign(back[key], there[key]) for key in keys}
    told = "; ".join(f"{key[0]} {there[key].mean:.0%} against {back[key].mean:.0%}" for key in keys)
    evidence = f"{found.standard} to {found.robust} against the way back, of source successes: {told}"
    return _by_sign(signs.pop() if len(signs) == 1 else 0, evidence)


def _not_unequal(models: Callable[[Found], list[str]]) -> Callable[[Found, Numbers], Verdict]:
    """Closer to the standard model than half of what l∞ training moves."""

    def similar(found: Found, _: Numbers) -> Verdict:
        standard, robust = found.gini(found.standard), found.gini(found.robust)
        values = {model: value for model in models(found) if (value := found.gini(model))}
        if not standard or not robust or not values:
            return NOTHING
        half = (robust.mean - standard.mean) / 2
        evidence = "; ".join(
            f"{name} {_told(value)}"
            for name, value in {found.standard: standard, **values, found.robust: robust}.items()
        )
        near = [value.high - standard.mean < half for value in values.values()]
        return Verdict(SUPPORTED if all(near) else CONTRADICTED, evidence)

    return similar


def _cutout(found: Found, _: Numbers) -> Verdict:
    signs, told = [], []
    for model in found.cutout:
        card = found.cards[model]
        for plain in found.series(card["architecture"]):
            if found.cards[plain]["train"]["epsilon"] == card["train"]["epsilon"]:
                values = found.gini(plain), found.gini(model)
                if values[0] and values[1]:
                    signs.append(_sign(values[1], values[0]))
                    told.append(f"{plain} {_told(values[0])}, {model} {_told(values[1])}")
    return _by_sign(signs[0] if len(set(signs)) == 1 else 0, "; ".join(told)) if signs else NOTHING


def _methods_agree(found: Found, _: Numbers) -> Verdict:
    signs, told = set(), []
    for method in found.methods(found.standard, found.robust):
        first, last = (found.gini(model, method=method) for model in (found.standard, found.robust))
        if first and last:
            signs.add(_sign(first, last))
            told.append(f"{method} {first.mean:.3f} → {last.mean:.3f}")
    if len(told) < 2:
        return NOTHING
    evidence = f"Gini, {found.standard} → {found.robust}: " + "; ".join(told)
    return Verdict(SUPPORTED if signs == {1} else CONTRADICTED, evidence)


def _smoothgrad_highest(found: Found, _: Numbers) -> Verdict:
    methods = found.methods(found.standard, found.robust)
    if "smoothgrad" not in methods or len(methods) < 2:
        return NOTHING
    values = {method: found.gini(found.robust, method=method) for method in methods}
    told = "; ".join(f"{method} {value.mean:.3f}" for method, value in values.items() if value)
    best = max(methods, key=lambda method: values[method].mean if values[method] else 0)  # type: ignore[union-attr]
    return Verdict(SUPPORTED if best == "smoothgrad" else CONTRADICTED, f"Gini of {found.robust}: {told}")


def _classes_agree(found: Found, _: Numbers) -> Verdict:
    table = found.tables["classes"]
    table = table[table["model"] == found.robust]
    means = table.groupby("class")[["gini_global", "gini_regional"]].mean()
    if len(means) < 5:
        return NOTHING
    rank = means["gini_global"].rank().corr(means["gini_regional"].rank())
    evidence = f"rank correlation over {len(means)} classes of {found.robust}: {rank:+.2f}; above 0.5 counts as similar"
    return Verdict(SUPPORTED if rank > 0.5 else CONTRADICTED, evidence)


STATISTICS: dict[str, Callable[[Found, Numbers], Verdict]] = {
    "gini_rises": _rises,
    "gini_robust_above_standard": lambda found, _: _compared(found, [found.robust], 1),
    "regional_gini_robust_above_standard": lambda found, _: _compared(found, [found.robust], 1, "gini_regional"),
    "gini_standard_near_paper": _near_paper(lambda found: found.standard),
    "gini_robust_near_paper": _near_paper(lambda found: found.robust),
    "few_pixels_dominate": _few_pixels,
    "random_noise": _random_noise,
    "additive_noise": _noise("additive"),
    "replacing_noise": _noise("replace"),
    "large_replacing_noise": _large_replacing,
    "black_occlusion": _occlusion("black"),
    "gray_occlusion": _occlusion("gray"),
    "white_occlusion": _occlusion("white"),
    "guidance_matters": _guidance_matters,
    "transfer_low": _transfer_low,
    "transfer_easier_from_standard": _transfer_easier,
    "l2_not_unequal": _not_unequal(lambda found: found.l2),
    "l2_occlusion": lambda found, _: _more_fooled(found, found.l2, COLORS, found.cells),
    "pruned_not_unequal": _not_unequal(lambda found: found.pruned),
    "cutout_releases": _cutout,
    "methods_agree": _methods_agree,
    "smoothgrad_highest": _smoothgrad_highest,
    "classes_agree": _classes_agree,
    "not_testable": lambda _, __: NOTHING,
}
