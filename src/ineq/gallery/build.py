"""What the gallery shows of each image, and which images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ineq.attacks.noise import noised
from ineq.attacks.readings import first_success
from ineq.attacks.recordfile import AttackRecord, with_twin
from ineq.figures.pictures import chosen, clipped, occluded_image
from ineq.figures.read import Findings
from ineq.gallery.encode import EXACT, curve, picture, signed

Entry = dict[str, Any]


@dataclass(frozen=True)
class Attacks:
    """Records by `model/method` of noise and by model of random occlusions; `draws` are arguments of `noised`."""

    noise: Mapping[str, AttackRecord]
    random: Mapping[str, AttackRecord]
    draws: Mapping[str, Any]


def gallery(found: Findings, attacks: Attacks, number: int) -> Entry:
    """Up to `number` images, in groups, and what every model makes of each; only of such as were attacked."""
    groups = select(found, attacks, number)
    return {
        "method": found.method,
        "pair": found.pair,
        "exact": max(found.sample.images.shape[2:]) <= EXACT,
        "color": found.color,
        "models": [{"name": model, "color": found.colors[model]} for model in found.models],
        "groups": [
            {"title": title, "images": [_image(found, attacks, row) for row in rows]} for title, rows in groups.items()
        ],
    }


def select(found: Findings, attacks: Attacks, number: int) -> dict[str, list[int]]:
    """Rows of the sample by the words for how they were chosen: half as they come, half where the pair differs most.

    The first half shows what is usual, and nobody chose it; the second shows what the difference looks like, in turn
    at the cost of either model.
    """
    of_all = [records[found.by(model)] for model in found.models for records in (found.occlusion, attacks.noise)]
    attacked = min(len(record.labels) for record in of_all)
    number = min(number, attacked)
    if len(found.pair) < 2:
        return {f"The first {number} of the sample, unselected": list(range(number))}
    plain = list(range((number + 1) // 2))
    most = chosen(found, len(found.sample.labels))
    apart = [row for row in most if len(plain) <= row < attacked][: number - len(plain)]
    words = f"{len(apart)} more, on which {' and '.join(found.pair)} differ most under occlusion"
    groups = {
        f"The first {len(plain)} of the sample, unselected": plain,
        f"{words}, in turn for and against each": apart,
    }
    return {title: rows for title, rows in groups.items() if rows}


def _image(found: Findings, attacks: Attacks, row: int) -> Entry:
    image = found.sample.images[row]
    return {
        "index": int(found.sample.indices[row]),
        "class": found.sample.name(int(found.sample.labels[row])),
        "picture": picture(image),
        "models": [_model(found, attacks, model, row) for model in found.models],
    }


def _model(found: Findings, attacks: Attacks, model: str, row: int) -> Entry:
    """One model's map of an image, how unequal it is, and what broke it first."""
    key = found.by(model)
    values, gini = found.maps[key][row], found.inequality[key]["gini_global"].iloc[row]
    record = found.occlusion[key]
    right = bool(record.judged[row])
    return {
        "untouched": found.sample.name(int(record.predictions["clean"][row])),
        "right": right,
        "gini": None if np.isnan(gini) else float(gini),
        "lorenz": curve(values),
        "map": signed(values),
        "cut": signed(clipped(values)),
        # An image that the model gets wrong anyway can't be broken.
        "occlusion": _first_squares(found, attacks, model, row) if right else None,
        "noise": _first_noise(found, attacks, model, row) if right else None,
    }


def _first_squares(found: Findings, attacks: Attacks, model: str, row: int) -> Entry | None:
    """The first budget in Algorithm 1's order that broke the model, and how often the same one did at random."""
    record = with_twin(found.occlusion[found.by(model)], attacks.random[model])
    grid, label = record.predictions[f"important/{found.color}"][row], record.labels[row]
    count, radius = (int(value[0]) for value in first_success(grid[None], label[None]))
    if not count:
        return None
    twins = record.predictions[f"random/{found.color}"][:, row, count - 1, radius - 1] != label
    return {
        "count": count,
        "radius": radius,
        "picture": picture(occluded_image(found, model, row, count, radius)),
        "prediction": found.sample.name(int(grid[count - 1, radius - 1])),
        "random": [int(twins.sum()), len(twins)],
    }


def _first_noise(found: Findings, attacks: Attacks, model: str, row: int) -> Entry | None:
    """The noise on the fewest values that broke the model, added before replacing; how often it and its twin did."""
    record = attacks.noise[found.by(model)]
    label, predictions = record.labels[row], record.predictions["important"][..., row]
    broken = np.argwhere((predictions != label).transpose(1, 0, 2))
    if not len(broken):
        return None
    size, kind, draw = (int(place) for place in broken[0])
    name, subpixels = record.axes["kinds"][kind], record.axes["subpixels"][size]
    guided = predictions[kind, size] != label
    twins = record.predictions["random"][kind, size, :, row] != label
    given = found.sample.images[row][None], found.maps[found.by(model)][row][None]
    options = {"kind": name, "subpixels": subpixels, "draw": draw, **attacks.draws}
    (shown,) = noised(*given, indices=record.indices[[row]], **options).numpy()
    return {
        "kind": name,
        "subpixels": subpixels,
        "picture": picture(shown),
        "prediction": found.sample.name(int(predictions[kind, size, draw])),
        "guided": [int(guided.sum()), len(guided)],
        "random": [int(twins.sum()), len(twins)],
    }
