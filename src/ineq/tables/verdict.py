"""Where a model under audit lies among the others: differences from each of them, paired by image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from ineq.attacks.names import ATTACK, BUDGET_TYPES
from ineq.inequality.names import GINIS
from ineq.models.names import network_name
from ineq.statistics.conclusions import conclusion
from ineq.tables.contrasts import budgets
from ineq.tables.read import Results
from ineq.tables.rows import Row, Settings

UNTRAINED = "untrained"
COLUMNS = (
    *("model", "against", "method", "measure", *ATTACK),
    *("value", "low", "high", "reference", "difference", "difference_low", "difference_high", "images", "conclusion"),
)
Values = Mapping[int, float]
"""A number for each of the images, by its place in the sample."""


def verdict(results: Results, settings: Settings, models: Sequence[str]) -> pd.DataFrame:
    """One row for each of `models`, method, measure and budget, and model that it is held against.

    `measure` is "gini_global" or "gini_regional", where "untrained", a network of the same architecture, is one of
    `against`; "error_rate" under the guided attack; or "guidance", the guided minus the random error rate. `value` is
    of the model and `reference` of the other, each on the images that both are judged on; `difference` has a 95 %
    interval over these images, and `conclusion` says on which side of zero it lies. Without another model there is one
    row with `against` empty.
    """
    rows = [row for key in results.inequality if key.split("/")[0] in models for row in _rows(results, settings, key)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(BUDGET_TYPES)


def _rows(results: Results, settings: Settings, key: str) -> Iterator[Row]:
    model, method = key.split("/")
    others = [other for other in results.inequality if other != key and other.split("/")[1] == method]
    for measure in GINIS:
        of = {"model": model, "method": method, "measure": measure}
        found = {other: _gini(results, other, measure) for other in (key, *others)}
        found[f"{UNTRAINED}/{method}"] = _untrained(results, model, method, measure)
        yield from _compared(of, found, key, settings)
    own = _attacks(results, settings, key)
    others_attacks = {other: _attacks(results, settings, other) for other in others}
    for (budget, measure), values in own.items():
        of = {"model": model, "method": method, "measure": measure, **dict(zip(ATTACK, budget, strict=True))}
        found = {other: attacks[budget, measure] for other, attacks in others_attacks.items()}
        yield from _compared(of, {key: values, **found}, key, settings)


def _compared(of: Row, found: Mapping[str, Values], key: str, settings: Settings) -> Iterator[Row]:
    """A row for each of the others, in their order; one without, where there is none."""
    own = found[key]
    for other in [other for other in found if other != key and found[other]] or [""]:
        images = [image for image in own if not other or image in found[other]]
        values = np.array([own[image] for image in images])
        value, low, high = settings.bootstrap(values)
        row = {**of, "against": other.split("/")[0], "value": value, "low": low, "high": high, "images": len(images)}
        if other:
            reference = np.array([found[other][image] for image in images])
            difference, least, most = settings.bootstrap(values - reference)
            row |= {"reference": reference.mean(), "difference": difference}
            row |= {"difference_low": least, "difference_high": most, "conclusion": conclusion(least, most)}
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
    """Error rate and what is owed to guidance, of each judged image, by budget and measure."""
    images = np.flatnonzero(results.noise[key].judged)
    found = {}
    for budget, outcomes in budgets(results, key, settings):
        if budget["attack"] == "noise" and budget["subpixels"] != settings.subpixels:
            continue
        guided, random = outcomes["important"].mean(axis=0), outcomes["random"].mean(axis=0)
        for measure, values in {"error_rate": guided, "guidance": guided - random}.items():
            place = tuple(budget[name] for name in ATTACK)
            found[place, measure] = dict(zip(images.tolist(), values.tolist(), strict=True))
    return found
