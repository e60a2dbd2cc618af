"""What the gallery shows of each image, and which images."""

from __future__ import annotations

from typing import Any

import numpy as np

from ineq.attacks.outcome import Outcome
from ineq.figures.pictures import attacked_image, clipped, most_different
from ineq.figures.read import FigureData
from ineq.gallery.encode import EXACT, curve, picture, signed
from ineq.report.render import words

Entry = dict[str, Any]


def gallery(study: FigureData, number: int) -> Entry:
    """Up to `number` images, in groups, and what every model makes of each; only of such as were attacked."""
    groups = select(study, number)
    return {
        "method": study.method,
        "pair": study.pair,
        "exact": max(study.sample.images.shape[2:]) <= EXACT,
        "color": study.color,
        "models": [{"name": model, "color": study.colors[model]} for model in study.models],
        "groups": [{"title": title, "images": [_image(study, row) for row in rows]} for title, rows in groups.items()],
    }


def select(study: FigureData, number: int) -> dict[str, list[int]]:
    """Rows of the sample by the words for how they were chosen: half as they come, half where the pair differs most.

    The first half shows what is usual, and nobody chose it; the second shows what the difference looks like, in turn
    at the cost of either model.
    """
    outcomes = [outcome for model in study.models for outcome in study.outcomes[study.by(model)].values()]
    attacked = min(len(outcome.labels) for outcome in outcomes)
    number = min(number, attacked)
    if len(study.pair) < 2:
        return {_title("first", number=number): list(range(number))}
    plain = list(range((number + 1) // 2))
    most = most_different(study, len(study.sample.labels))
    apart = [row for row in most if len(plain) <= row < attacked][: number - len(plain)]
    groups = {
        _title("first", number=len(plain)): plain,
        _title("apart", number=len(apart), pair=study.pair): apart,
    }
    return {title: rows for title, rows in groups.items() if rows}


def _title(group: str, **values: Any) -> str:
    (title,) = words("groups.j2", group, **values)
    return title


def _image(study: FigureData, row: int) -> Entry:
    image = study.sample.images[row]
    return {
        "index": int(study.sample.indices[row]),
        "class": study.sample.name(int(study.sample.labels[row])),
        "picture": picture(image),
        "models": [_model(study, model, row) for model in study.models],
    }


def _model(study: FigureData, model: str, row: int) -> Entry:
    """One model's map of an image, how unequal it is, and what broke it first."""
    key = study.by(model)
    values, gini = study.maps[key][row], study.inequality[key]["gini_global"].iloc[row]
    outcomes = study.outcomes[key]
    clean = next(iter(outcomes.values())).clean[row]
    right = bool(clean == study.sample.labels[row])
    return {
        "clean": study.sample.name(int(clean)),
        "right": right,
        "gini": None if np.isnan(gini) else float(gini),
        "lorenz": curve(values),
        "map": signed(values),
        "cut": signed(clipped(values)),
        # An image that the model gets wrong anyway can't be broken.
        "attacks": {
            name: _first_success(study, model, row, outcome) if right else None for name, outcome in outcomes.items()
        },
    }


def _first_success(study: FigureData, model: str, row: int, outcome: Outcome) -> Entry | None:
    """The smallest budget that broke the model, and how many draws of it did, guided and at random."""
    label, settings = outcome.labels[row], list(outcome.settings)
    shown = [study.color] if study.color in settings else settings
    places = [settings.index(setting) for setting in shown]
    # (budgets, settings, draws): all settings of a budget before the next one.
    wrong = {
        where: np.moveaxis(outcome.prediction[where][places][..., row] != label, 0, -2)
        for where in ("important", "random")
    }
    flat = {where: values.reshape(-1, *values.shape[-2:]) for where, values in wrong.items()}
    broken = np.argwhere(flat["important"])
    if not len(broken):
        return None
    place, setting, draw = (int(value) for value in broken[0])
    budget = outcome.every_budget[place]
    prediction = outcome.prediction["important"][(places[setting], *outcome.place(budget), draw, row)]
    one_try = {"setting": shown[setting], "budget": budget, "draw": draw}
    guided, random = (flat[where][place, setting] for where in ("important", "random"))
    return {
        "setting": shown[setting],
        "budget": budget,
        "picture": picture(attacked_image(study, model, row, outcome.attack, **one_try)),
        "prediction": study.sample.name(int(prediction)),
        "guided": [int(guided.sum()), len(guided)],
        "random": [int(random.sum()), len(random)],
    }
