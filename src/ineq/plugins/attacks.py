"""Attacks of other packages: what they take, what they give, and what a model then predicts."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from ineq.attacks.names import WHERE
from ineq.data.checks import Array, as_images, as_indices, as_labels, as_maps, refuse_beyond, whole
from ineq.data.draws import generator
from ineq.device import device_of
from ineq.errors import InputError, refuse_unknown
from ineq.models.forward import evaluating, predict_logits
from ineq.plugins.outcomes import COLUMNS

Attack = Callable[..., torch.Tensor]
"""`attack(model, images, labels, maps, *, indices, seed, where, batch_size, **options)`, the perturbed images."""
GIVEN = ("indices", "seed", "where", "batch_size")
"""What the pipeline gives by name; every other keyword of the function is an option, and has a default."""


def options_of(name: str, attack: Attack, given: Mapping[str, Any]) -> dict[str, Any]:
    """`given`, once all of them are options of the attack. Raises `InputError` for another, or an ill-made attack."""
    try:
        parameters = inspect.signature(attack).parameters.values()
    except (TypeError, ValueError):
        raise InputError(f"attack {name} is a {type(attack).__name__}: wanted a function") from None
    own = [one for one in parameters if one.kind is one.KEYWORD_ONLY and one.name not in GIVEN]
    missing = [key for key in GIVEN if key not in {one.name for one in parameters}]
    if missing:
        raise InputError(f"attack {name} takes no '{missing[0]}': wanted {', '.join(GIVEN)} as keywords")
    for one in own:
        if one.default is one.empty:
            raise InputError(f"option '{one.name}' of attack {name} has no default: wanted one for every option")
    for key in given:
        refuse_unknown(f"option of {name}", key, [one.name for one in own])
    return dict(given)


def attacked(
    name: str,
    attack: Attack,
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    maps: torch.Tensor,
    *,
    where: str,
    indices: np.ndarray,
    seed: int,
    batch_size: int | None,
    options: Mapping[str, Any],
) -> torch.Tensor:
    """Perturbed images (N, C, H, W) in [0, 1], checked; the attack gets copies, and the model in eval mode."""
    given = images.clone(), labels.clone(), maps.clone()
    with evaluating(model), torch.inference_mode(False):
        found = attack(model, *given, indices=indices, seed=seed, where=where, batch_size=batch_size, **options)
    if not isinstance(found, torch.Tensor) or found.shape != images.shape:
        what = tuple(found.shape) if isinstance(found, torch.Tensor) else f"a {type(found).__name__}"
        raise InputError(f"attack {name} gives {what}: wanted a tensor {tuple(images.shape)}, as the images")
    try:
        return as_images(found.detach(), images.device)
    except InputError as error:
        raise InputError(f"attack {name} gives no images: {error}") from None


def seeds(seed: int, draws: int) -> list[int]:
    """A seed for each draw, the same for every model, method and place of attack."""
    return [int(generator(seed, "plugin-attack", draw).integers(2**32)) for draw in range(draws)]


def attack_table(
    name: str,
    attack: Attack,
    model: nn.Module,
    images: Array,
    labels: Array,
    maps: Array,
    *,
    draws: int,
    seed: int = 0,
    indices: Sequence[int] | Array | None = None,
    batch_size: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """One row an attacked image (N, C, H, W): `COLUMNS`; once guided, once on the least important, `draws` at random.

    Draw 0 of all three has the same seed. Raises `InputError` for a bad argument, and for an attack that breaks its
    contract.
    """
    chosen = options_of(name, attack, options or {})
    pixels = as_images(images, device_of(model))
    truth, ranked, keys = as_labels(labels, pixels), as_maps(maps, pixels), as_indices(indices, len(pixels))
    logits = predict_logits(model, pixels, batch_size)
    refuse_beyond(truth, logits.shape[1])
    about = {"image": keys, "label": truth.cpu().numpy(), "clean": logits.argmax(1).numpy()}
    drawn, tables = seeds(whole("seed", seed, 0), whole("draws", draws, 1)), []
    for where in WHERE:
        for draw, key in enumerate(drawn if where == "random" else drawn[:1]):
            arguments = {"indices": keys, "seed": key, "batch_size": batch_size, "options": chosen}
            found = attacked(name, attack, model, pixels, truth, ranked, where=where, **arguments)
            predicted = predict_logits(model, found, batch_size).argmax(1).numpy()
            tables.append(pd.DataFrame({**about, "where": where, "draw": draw, "prediction": predicted}))
    return pd.concat(tables, ignore_index=True)[list(COLUMNS)]
