"""Guided attacks against their random controls, and models against their reference, image by image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from ineq.analysis.results import Results
from ineq.analysis.rows import Row, Settings, names
from ineq.statistics.intervals import DIFFERENCE
from ineq.statistics.significance import holm, mcnemar

Outcomes = Mapping[str, np.ndarray]
"""Whether attacks succeed, bool (draws, n), on "important" and "random" places."""


def contrasts(results: Results, settings: Settings) -> pd.DataFrame:
    """Error rate of the guided attack minus the random one's, paired by image.

    At every budget of an attack with one axis of budgets, at those compared of others.
    """
    columns = ("model", "method", "attack", "guided", "random", "difference", "low", "high", "images", "headline")
    return results.attack_table(_contrast_rows(results, settings), columns)


def _contrast_rows(results: Results, settings: Settings) -> Iterator[Row]:
    for key in results.attacks:
        for about, outcomes in tried(results, key, settings):
            guided, random = outcomes["important"].mean(axis=0), outcomes["random"].mean(axis=0)
            difference, low, high = settings.bootstrap(guided - random, DIFFERENCE)
            yield {
                **names(key),
                **about,
                "guided": guided.mean(),
                "random": random.mean(),
                "difference": difference,
                "low": low,
                "high": high,
                "images": len(guided),
            }


def pairs(results: Results, settings: Settings) -> pd.DataFrame:
    """Exact McNemar of each model against the reference of its architecture, Holm over the whole table."""
    rows: list[Row] = []
    for key in results.attacks:
        of = names(key)
        against = f"{results.reference_of(of['model'])}/{of['method']}"
        if against in results.attacks:
            rows += _pair_rows(results, key, against, settings)
    counted = ("only_model", "only_against", "images", "p", "p_holm", "headline")
    table = results.attack_table(rows, ("model", "against", "method", "attack", *counted))
    return table.assign(p_holm=holm(table["p"].to_numpy(float)))


def _pair_rows(results: Results, key: str, against: str, settings: Settings) -> Iterator[Row]:
    of = {**names(key), "against": names(against)["model"]}
    others = {repr(about): outcomes for about, outcomes in tried(results, against, settings, key)}
    for about, outcomes in tried(results, key, settings, against):
        # One attack an image: the first draw.
        first, second = outcomes["important"][0], others[repr(about)]["important"][0]
        only = int((first & ~second).sum()), int((second & ~first).sum())
        counts = {"only_model": only[0], "only_against": only[1], "images": len(first), "p": mcnemar(*only)}
        yield {**of, **about, **counts}


def tried(results: Results, key: str, settings: Settings, other: str = "") -> Iterator[tuple[Row, Outcomes]]:
    """Each attack, setting and budget of a model's maps with what came of it on the images that the model gets right.

    With `other`, another model's maps, only what both were attacked with, on the images that both get right.
    """
    for name, outcome in results.attacks[key].items():
        images = outcome.evaluated
        if other:
            if name not in results.attacks[other]:
                continue
            images = images & results.attacks[other][name].evaluated
        budgets, headline = settings.compared(outcome.budgets), settings.headline(outcome.budgets)
        for setting in outcome.settings:
            for budget in outcome.every_budget if len(headline) == 1 else budgets:
                about = {"attack": name, "setting": setting, **budget, "headline": budget == headline}
                yield about, {w: outcome.success(w, setting, budget, images) for w in ("important", "random")}
