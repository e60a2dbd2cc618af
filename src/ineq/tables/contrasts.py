"""Guided attacks against their random twins, and models against the baseline, image by image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ineq.attacks.names import ATTACK, BUDGET_TYPES
from ineq.attacks.readings import success
from ineq.attacks.recordfile import AttackRecord
from ineq.statistics.significance import holm, mcnemar
from ineq.tables.read import Results
from ineq.tables.rows import Row, Settings, names, occlusion_draws

PAIRS = ("model", "against", "method", *ATTACK, "only_model", "only_against", "images", "p", "p_holm")


def contrasts(results: Results, settings: Settings) -> pd.DataFrame:
    """Error rate of the guided attack minus the random one's, paired by image, at every headline budget."""
    return _whole(pd.DataFrame(list(_contrast_rows(results, settings))))


def _whole(table: pd.DataFrame) -> pd.DataFrame:
    """Whole numbers stay whole beside the empty cells of what has no such budget."""
    return table.astype(BUDGET_TYPES)


def _contrast_rows(results: Results, settings: Settings) -> Iterator[Row]:
    for key in results.noise:
        for budget, outcomes in budgets(results, key, settings):
            guided, random = outcomes["important"].mean(axis=0), outcomes["random"].mean(axis=0)
            difference, low, high = settings.bootstrap(guided - random)
            yield {
                **names(key),
                **budget,
                "guided": guided.mean(),
                "random": random.mean(),
                "difference": difference,
                "low": low,
                "high": high,
                "images": len(guided),
            }


def pairs(results: Results, settings: Settings) -> pd.DataFrame:
    """Exact McNemar of each model against the first model with standard training, Holm over the whole table."""
    baseline = next((model for model, card in results.cards.items() if card["train"]["norm"] == "none"), None)
    rows: list[Row] = []
    for key in results.noise:
        against = f"{baseline}/{names(key)['method']}"
        if key != against and against in results.noise:
            rows += _pair_rows(results, key, against, settings)
    table = _whole(pd.DataFrame(rows, columns=list(PAIRS)))
    return table.assign(p_holm=holm(table["p"].to_numpy(float)))


def _pair_rows(results: Results, key: str, against: str, settings: Settings) -> Iterator[Row]:
    # Both models on the images that both get right: a pair needs an outcome of each.
    images = results.noise[key].judged & results.noise[against].judged
    ones, others = (budgets(results, one, settings, images) for one in (key, against))
    for (budget, one), (_, other) in zip(ones, others, strict=True):
        # One attack an image: the first repeat of noise; occlusion has no other.
        first, second = one["important"][0], other["important"][0]
        only = int((first & ~second).sum()), int((second & ~first).sum())
        counts = {"only_model": only[0], "only_against": only[1], "images": len(first), "p": mcnemar(*only)}
        of = names(key)
        yield {"model": of["model"], "against": names(against)["model"], "method": of["method"], **budget, **counts}


Outcomes = Mapping[str, np.ndarray]


def budgets(
    results: Results, key: str, settings: Settings, images: np.ndarray | None = None
) -> Iterator[tuple[Row, Outcomes]]:
    """Each budget with whether predictions change, bool (repeats or draws, n) for "important" and "random"."""
    noise, occlusion = results.noise[key], results.occlusion[key]
    yield from _noise(noise, noise.judged if images is None else images)
    yield from _occlusion(occlusion, occlusion.judged if images is None else images, settings)


def _row(attack: str, setting: str, subpixels: Any, count: Any, radius: Any) -> Row:
    return dict(zip(ATTACK, (attack, setting, subpixels, count, radius), strict=True))


def _noise(record: AttackRecord, images: np.ndarray) -> Iterator[tuple[Row, Outcomes]]:
    wrong = {w: record.predictions[w][..., images] != record.labels[images] for w in ("important", "random")}
    for i, kind in enumerate(record.axes["kinds"]):
        for j, subpixels in enumerate(record.axes["subpixels"]):
            yield _row("noise", kind, subpixels, None, None), {where: found[i, j] for where, found in wrong.items()}


def _occlusion(record: AttackRecord, images: np.ndarray, settings: Settings) -> Iterator[tuple[Row, Outcomes]]:
    labels = record.labels[images]
    for color in record.axes["colors"]:
        grids = {w: occlusion_draws(record, f"{w}/{color}", images) for w in ("important", "random")}
        for count, radius in settings.budgets(record.axes["count"], record.axes["radius"]):
            found = {where: success(grid, labels, "any", count, radius) for where, grid in grids.items()}
            yield _row("occlusion", color, None, count, radius), found
