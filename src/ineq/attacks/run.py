"""What a model predicts under an attack, at every setting, budget and draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from ineq.attacks.base import Attack, Batch
from ineq.attacks.names import WHERE
from ineq.attacks.outcome import ARRAYS, Outcome, joined
from ineq.attacks.target import Target, put, target
from ineq.data.checks import Array, as_labels, check_int, refuse_beyond
from ineq.errors import InputError, refuse_unknown
from ineq.models.forward import BATCH_SIZE, Progress, batches, predict_labels, silent
from ineq.models.probe import classes_of


def attack_outcome(
    attack: Attack,
    model: nn.Module,
    images: Array,
    labels: Array,
    maps: Array | None,
    *,
    where: Sequence[str] = WHERE,
    draws: int = 1,
    batch_size: int | None = None,
    progress: Progress = silent,
    **keys: Any,
) -> Outcome:
    """What a model predicts for images (N, C, H, W) in [0, 1] of classes `labels` (N,) at every try of an attack.

    `where` says which places come first: "important" (the highest of `maps`, (N, C, H, W), of equal ones the first),
    "least" (the lowest) or "random", in `draws` orders; these need no maps. Random draws are keyed by `seed` and
    `indices` (int64 (N,), the place among `images` unless given), noise is drawn in the space that `mean` and `std`
    normalise to (see `ineq.models.forward.normalisation`). No forward pass has more than `batch_size`
    rows, on which nothing depends. `progress` gets the number of images done, and of all.

    Raises `InputError` for a bad argument, and a model that can't be measured (see `ineq.models.probe`).
    """
    for one in where:
        refuse_unknown("where", str(one), WHERE)
    if maps is None and (ranked := [one for one in where if one != "random"]):
        raise InputError(f"maps are None, expected what tells the {' and '.join(ranked)} places")
    subject = target(attack, images, maps, model=model, **keys)
    truth = as_labels(labels, subject.images)
    refuse_beyond(truth, classes_of(model, subject.images, batch_size))
    number = {one: check_int("draws", draws, 1) if one == "random" else attack.repeats for one in where}
    parts = []
    for rows in batches(len(subject.images), batch_size):
        clean = predict_labels(model, subject.images[rows], batch_size)
        arrays = {one: tries(subject, model, rows, one, range(count), batch_size) for one, count in number.items()}
        parts.append(_outcome(subject, clean, truth[rows], rows, arrays))
        progress(rows.stop, len(subject.images))
    return joined(parts)


class Tries(NamedTuple):
    """Of some images, arrays as in `Outcome`, by place of one kind."""

    prediction: np.ndarray
    covered: np.ndarray
    unchanged: np.ndarray


def tries(
    target: Target, model: nn.Module, rows: slice, where: str, draws: Sequence[int], batch_size: int | None
) -> Tries:
    """What a model predicts for some of the images at every setting, budget and draw."""
    attack, shape = target.attack, target.images.shape[1:]
    budgets = [dict(zip(attack.budgets, values, strict=True)) for values in product(*attack.budgets.values())]
    # A budget that does the same as one before it, such as squares larger than the image, is not run again.
    first: dict[tuple[int, ...], int] = {}
    same = [first.setdefault(tuple(attack.same_as(b, shape).values()), i) for i, b in enumerate(budgets)]
    places = list(first.values())
    distinct = [budgets[place] for place in places]
    by_draw = [_draw(attack, model, target.batch(rows, where, draw), distinct, batch_size) for draw in draws]
    grid = tuple(len(values) for values in attack.budgets.values())
    copies = [places.index(place) for place in same]
    # Each is (draws, settings or none, distinct budgets, images): draws go behind the budgets.
    stacked = [np.stack(arrays)[..., copies, :] for arrays in zip(*by_draw, strict=True)]
    return Tries(*(_folded(np.moveaxis(array, 0, -2), grid) for array in stacked))


def _folded(array: np.ndarray, grid: tuple[int, ...]) -> np.ndarray:
    """An array (…, budgets, D, B) as (…, b₁, b₂, …, D, B)."""
    return array.reshape(*array.shape[:-3], *grid, *array.shape[-2:])


def _draw(
    attack: Attack, model: nn.Module, batch: Batch, budgets: Sequence[Mapping[str, int]], batch_size: int | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`Tries` of one draw, (settings, budgets, B) or (budgets, B); as many at once as rows of a forward pass allow."""
    fill, covered, predictions, unchanged = attack.fill(batch), [], [], []
    pending: list[torch.Tensor] = []
    size = max(1, (BATCH_SIZE if batch_size is None else batch_size) // len(batch.images))

    def predict() -> None:
        predictions.append(predict_labels(model, torch.cat(pending), batch_size))
        pending.clear()

    for budget in budgets:
        mask = attack.mask(batch, **budget)
        for setting in attack.settings:
            pending.append(put(attack, mask, fill[setting], batch.images))
            unchanged.append((pending[-1] == batch.images).flatten(1).all(dim=1))
            if len(pending) == size:
                predict()
        covered.append(mask.float().mean(dim=(1, 2, 3)))
    if pending:
        predict()
    shape = (len(budgets), len(attack.settings), len(batch.images))
    both = np.concatenate(predictions).reshape(shape), torch.stack(unchanged).cpu().numpy().reshape(shape)
    prediction, same = (np.swapaxes(array, 0, 1) for array in both)
    return prediction, torch.stack(covered).cpu().numpy(), same


def _outcome(
    target: Target, clean: np.ndarray, labels: torch.Tensor, rows: slice, arrays: Mapping[str, Tries]
) -> Outcome:
    attack = target.attack
    about = {
        "options": asdict(attack),  # type: ignore[call-overload]
        "settings": list(attack.settings),
        "budgets": {axis: list(values) for axis, values in attack.budgets.items()},
        "criteria": list(attack.criteria),
    }
    space = {name: getattr(target, name).flatten().tolist() for name in ("mean", "std")}
    named: Any = {name: {where: getattr(three, name) for where, three in arrays.items()} for name in ARRAYS}
    keys = {"clean": clean, "labels": labels.cpu().numpy(), "indices": target.indices[rows]}
    return Outcome(attack=attack.name, seed=target.seed, space=space, **about, **keys, **named)
