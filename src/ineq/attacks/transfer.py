"""Transfer (paper A.4): what images that were attacked on one model do to another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from torch import nn

from ineq.attacks.names import ATTACK, BUDGET_TYPES, KINDS
from ineq.attacks.noise import NoiseResult, noise_attack
from ineq.attacks.occlusion import OcclusionResult, occlusion_attack
from ineq.data.checks import Array, as_images, as_labels, refuse_beyond
from ineq.device import device_of
from ineq.models.forward import predict_labels
from ineq.models.probe import classes_of

TRY = (*ATTACK, "repeat")
COLUMNS = ("source", "method", "target", *TRY, "image", "source_right", "source_fooled", "target_right", "fooled")


@dataclass(frozen=True)
class Budgets:
    """What is carried over: occlusion in one colour at each (count, radius), noise of both kinds on `subpixels`."""

    color: str
    budgets: Sequence[Mapping[str, int]]
    subpixels: int
    repeats: int
    clip: bool
    region: int
    importance: str


def transfer(
    source: str,
    models: Mapping[str, nn.Module],
    images: Array,
    labels: Array,
    maps: Array,
    budgets: Budgets,
    *,
    indices: np.ndarray,
    batch_size: int | None = None,
    **draws: Any,
) -> pd.DataFrame:
    """One row a target of `models`, attack and image (N, C, H, W): who is right without attack, and who is fooled.

    Attacked is the model `source` with its own `maps` (N, C, H, W); where the attack fails there, its last image is
    carried over. `indices` (N,) are positions in the split; `draws` (`seed`, `mean`, `std`) key and scale the noise as
    in `noise_attack`, so on the source itself this is the direct attack.

    Raises `InputError` for a bad argument, and a model that can't be measured (see `ineq.models.probe`).
    """
    pixels = as_images(images, device_of(models[source]))
    classes = as_labels(labels, pixels)
    refuse_beyond(classes, min(classes_of(model, pixels, batch_size) for model in models.values()))
    truth = classes.cpu().numpy()
    right = {name: predict_labels(model, pixels, batch_size) == truth for name, model in models.items()}
    tables = []
    for budget, result in _attacks(models[source], images, labels, maps, budgets, indices, batch_size, draws):
        for target, model in models.items():
            columns = {
                "target": target,
                **dict(zip(TRY, budget, strict=True)),
                "image": indices,
                "source_right": right[source],
                "source_fooled": result.success.cpu().numpy(),
                "target_right": right[target],
                "fooled": predict_labels(model, result.images, batch_size) != truth,
            }
            tables.append(pd.DataFrame(columns))
    table = pd.concat(tables, ignore_index=True)
    return table.astype(dict.fromkeys(COLUMNS[-4:], int) | BUDGET_TYPES)


def _attacks(
    model: nn.Module,
    images: Array,
    labels: Array,
    maps: Array,
    budgets: Budgets,
    indices: np.ndarray,
    batch_size: int | None,
    draws: Mapping[str, Any],
) -> Iterator[tuple[tuple[Any, ...], OcclusionResult | NoiseResult]]:
    inputs, keys = (model, images, labels, maps), {"indices": indices, "batch_size": batch_size}
    order = {"region": budgets.region, "importance": budgets.importance}
    for cell in budgets.budgets:
        occlusion = occlusion_attack(*inputs, **cell, color=budgets.color, **order, **keys, seed=draws["seed"])
        yield ("occlusion", budgets.color, None, cell["count"], cell["radius"], 0), occlusion
    size = budgets.subpixels
    for kind in KINDS:
        for repeat in range(budgets.repeats):
            noise = noise_attack(*inputs, subpixels=size, kind=kind, draw=repeat, clip=budgets.clip, **keys, **draws)
            yield ("noise", kind, size, None, None, repeat), noise
