"""Where a model under audit lies among the others: differences from each of them, paired by image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from ineq.analysis.contrasts import tried
from ineq.analysis.results import Results
from ineq.analysis.rows import Row, Settings
from ineq.attacks.names import ATTACK
from ineq.inequality.names import GINIS
from ineq.models.names import network_name
from ineq.statistics.conclusions import conclusion
from ineq.statistics.intervals import DIFFERENCE, SHARE

UNTRAINED = "untrained"
COMPARISON = (
    *("value", "low", "high", "reference", "difference", "difference_low", "difference_high", "images", "conclusion"),
)
COLUMNS = ("model", "against", "method", "measure", *ATTACK, *COMPARISON)
Values = Mapping[int, float]
"""A number for each of the images, by its place in the sample."""


def verdict(results: Results, settings: Settings, models: Sequence[str]) -> pd.DataFrame:
    """One row for each of `models`, method, measure and budget, and model that it is held against.

    `measure` is "gini_global" or "gini_regional", where "untrained", a network of the same architecture, is one of
    `against`; "error_rate" under the guided attack; or "gain", its gain over the random attack. `value` is
    of the model and `reference` of the other, each on the images that both are evaluated on; `difference` has a 95 %
    interval over these images, and `conclusion` says on which side of zero it lies. The reference of the model's
    architecture comes first. Without another model there is one row with `against` empty.
    """
    rows = [row for key in results.inequality if key.split("/")[0] in models for row in _rows(results, settings, key)]
    return results.attack_table(rows, ("model", "against", "method", "measure", "attack", *COMPARISON))


def _rows(results: Results, settings: Settings, key: str) -> Iterator[Row]:
    model, method = key.split("/")
    reference = f"{results.reference_of(model)}/{method}"
    others = [other for other in results.inequality if other != key and other.split("/")[1] == method]
    others.sort(key=lambda other: other != reference)
    for measure in GINIS:
        of = {"model": model, "method": method, "measure": measure}
        ginis = {other: _gini(results, other, measure) for other in (key, *others)}
        ginis[f"{UNTRAINED}/{method}"] = _untrained(results, model, method, measure)
        yield from _compared(of, ginis, key, settings)
    attacks = {name: _attacks(results, settings, name) for name in (key, *others)}
    for about, measure in attacks[key]:
        of = {"model": model, "method": method, "measure": measure, **dict(about)}
        outcomes = {name: values.get((about, measure), {}) for name, values in attacks.items()}
        yield from _compared(of, outcomes, key, settings)


def _compared(of: Row, outcomes: Mapping[str, Values], key: str, settings: Settings) -> Iterator[Row]:
    """A row for each of the others, in their order; one without, where there is none."""
    mine = outcomes[key]
    for other in [other for other in outcomes if other != key and outcomes[other]] or [""]:
        images = [image for image in mine if not other or image in outcomes[other]]
        values = np.array([mine[image] for image in images])
        least, most = DIFFERENCE if of["measure"] == "gain" else SHARE
        value, low, high = settings.bootstrap(values, (least, most))
        row = {**of, "against": other.split("/")[0], "value": value, "low": low, "high": high, "images": len(images)}
        if other:
            reference = np.array([outcomes[other][image] for image in images])
            difference, low, high = settings.bootstrap(values - reference, (least - most, most - least))
            row |= {"reference": reference.mean(), "difference": difference}
            row |= {"difference_low": low, "difference_high": high, "conclusion": conclusion(low, high)}
        yield row


def _gini(results: Results, key: str, measure: str) -> Values:
    return _finite(results.inequality[key][measure].to_numpy())


def _untrained(results: Results, model: str, method: str, measure: str) -> Values:
    """Of the untrained network of the model's architecture, where the study has that control."""
    name = network_name(results.cards[model]["architecture"])
    table = results.controls
    table = table[(table["control"] == UNTRAINED) & (table["method"] == method)]
    # One that shares its name with another has the model's behind it.
    for known in (f"{name}-{model}", name):
        if len(rows := table[table["architecture"] == known]):
            return _finite(rows[measure].to_numpy())
    return {}


def _finite(values: np.ndarray) -> Values:
    return {image: float(value) for image, value in enumerate(values) if np.isfinite(value)}


def _attacks(results: Results, settings: Settings, key: str) -> dict[tuple[tuple, str], Values]:
    """Error rate and gain over the random attack of each evaluated image, by attack, setting and budget, and measure.

    At the budgets that are compared.
    """
    attacks = {}
    for about, outcomes in tried(results, key, settings):
        outcome = results.attacks[key][about["attack"]]
        if {axis: about[axis] for axis in outcome.budgets} not in settings.compared(outcome.budgets):
            continue
        images = np.flatnonzero(outcome.evaluated)
        guided, random = outcomes["important"].mean(axis=0), outcomes["random"].mean(axis=0)
        place = tuple((name, value) for name, value in about.items() if name != "headline")
        for measure, values in {"error_rate": guided, "gain": guided - random}.items():
            attacks[place, measure] = dict(zip(images.tolist(), values.tolist(), strict=True))
    return attacks
