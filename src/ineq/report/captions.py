"""The numbers that each figure's words tell; the words are in `templates/captions.j2`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ineq.attacks.names import WHERE_NAMES
from ineq.figures.measures import fragility, lorenz, rank_correlation, top_share
from ineq.figures.overview import headline_rates
from ineq.figures.pictures import budgets, most_different
from ineq.figures.read import FigureData
from ineq.figures.style import method_title
from ineq.inequality.names import GINIS
from ineq.report.render import words
from ineq.statistics.conclusions import COMPARED, Interval, direction

Numbers = dict[str, Any]


def captions(study: FigureData, images: int) -> dict[str, dict[str, str]]:
    """Of every figure `title`, `caption` (what to see) and `alt` (what is drawn), by its name."""
    numbers: dict[str, Callable[[], Numbers]] = {
        "gini": lambda: _gini(study),
        "lorenz": lambda: _lorenz(study),
        "maps": lambda: _maps(study, images),
        "attacks": lambda: _attacks(study),
        "noise": lambda: _noise(study),
        "surface": lambda: _surface(study),
        "examples": lambda: _examples(study, images),
        "fragility": lambda: _fragility(study),
    }
    parts = ("title", "caption", "alt")
    return {
        name: dict(zip(parts, words("captions.j2", name, **count()), strict=True)) for name, count in numbers.items()
    }


def _interval(study: FigureData, model: str, measure: str) -> Interval:
    row = study.of("gini", model, measure=measure).iloc[0]
    return Interval(row["mean"], row["low"], row["high"])


def _gini(study: FigureData) -> Numbers:
    measures = []
    for measure, name in GINIS.items():
        first, last = (_interval(study, model, measure) for model in (study.pair[0], study.pair[-1]))
        # By their 95 % intervals, so that chance is not told as an effect.
        measures.append((name, first.mean, COMPARED[direction(first, last)], last.mean))
    return {
        "method": method_title(study.method),
        "pair": study.pair,
        "measures": measures,
        "controls": [(name, mean) for _, name, mean in study.controls("gini_global")],
        "models": [(model, _interval(study, model, "gini_global").mean) for model in study.models],
    }


def _lorenz(study: FigureData) -> Numbers:
    return {"shares": [(name, 100 * top_share(lorenz(study.maps[study.by(name)]))) for name in study.models]}


def _maps(study: FigureData, images: int) -> Numbers:
    return {"method": method_title(study.method), "count": len(most_different(study, images)), "models": study.models}


def _noise(study: FigureData) -> Numbers:
    most = int(study.rows("attacks", attack="noise")["subpixels"].max())

    def rate(model: str, kind: str, where: str) -> float:
        about = {"attack": "noise", "setting": kind, "where": where, "subpixels": most}
        return study.of("attacks", model, **about)["error_rate"].iloc[0]

    kinds = {
        kind: [(model, rate(model, kind, "important"), rate(model, kind, "random")) for model in study.pair]
        for kind in ("additive", "replace")
    }
    return {"pair": study.pair, "most": most, "kinds": kinds, "places": _places(study)}


def _attacks(study: FigureData) -> Numbers:
    rates = {model: [] for model in study.pair}
    for name, by_model in headline_rates(study):
        for model, where in by_model.items():
            rates[model].append((name, where["important"], where["random"]))
    return {"pair": study.pair, "rates": rates, "places": _places(study)}


def _places(study: FigureData) -> list[str]:
    return [WHERE_NAMES[where] for where in study.places]


def _surface(study: FigureData) -> Numbers:
    table = study.headline("attacks", attack="occlusion", method=study.method)
    colors = {}
    for color in dict.fromkeys(table["setting"]):
        wide = table[table["setting"] == color].pivot(index="model", columns="where", values="error_rate") * 100
        wide["above"] = wide["important"] - wide["random"]
        colors[color] = list(wide.loc[study.pair, ["important", "above"]].itertuples(name=None))
    count, radius = int(table["count"].max()), int(table["radius"].max())
    chance = radius >= max(study.sample.images.shape[2:])
    return {"pair": study.pair, "count": count, "radius": radius, "colors": colors, "chance": chance}


def _examples(study: FigureData, images: int) -> Numbers:
    rows, tries = most_different(study, images), budgets(study)
    wrong = []
    for model in study.pair:
        outcome = study.outcomes[study.by(model)]["occlusion"]
        grid = outcome.wrong("important", study.color, np.ones(len(outcome.labels), bool))[:, :, 0]
        wrong.append((model, sum(int(grid[n - 1, r - 1, i]) for i in rows for n, r in tries)))
    shown = {"images": len(rows), "tries": len(rows) * len(tries), "wrong": wrong}
    return {"pair": study.pair, "color": study.color, **shown}


def _fragility(study: FigureData) -> Numbers:
    models = []
    for model in study.models:
        inequality, broken = fragility(study, model)
        models.append((model, rank_correlation(inequality, broken), broken.mean()))
    return {"models": models}
