"""Each open choice changed alone, and all of them as the authors' published scripts have them, on one model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from torch import nn

from ineq.attacks.names import KINDS
from ineq.attacks.noise import noise_attack
from ineq.attacks.occlusion import occlusion_attack
from ineq.attribution.methods import attribute
from ineq.attribution.names import METHOD
from ineq.data.sample import Part
from ineq.device import PRECISIONS, computing_in, effective
from ineq.inequality.names import GINIS
from ineq.inequality.table import measure
from ineq.models.forward import Progress, silent
from ineq.sensitivity.names import COLOR, STATISTICS, VARIANTS


@dataclass(frozen=True)
class StudyChoices:
    """What a study has chosen; a variant overrides some of it.

    `precision` names one of the models, `attribution` holds each method's options by its name, `regions` region,
    importance and tolerance.
    """

    precision: str
    attribution: Mapping[str, Mapping[str, Any]]
    seed: int
    regions: Mapping[str, Any]
    attack_seed: int
    count: int
    radius: int
    subpixels: int
    repeats: int
    clip: bool
    space: Mapping[str, Any] = field(default_factory=dict)


def by_precision(load: Callable[[str], nn.Module]) -> dict[str, nn.Module]:
    """What `load` gives for each precision that this machine computes in.

    Any other would be float32 again under its name: see `effective`.
    """
    return {kind: load(kind) for kind in PRECISIONS if effective(kind) == kind}


def sensitivity(
    models: Mapping[str, nn.Module],
    sample: Part,
    choices: StudyChoices,
    *,
    batch_size: int | None = None,
    progress: Progress = silent,
) -> pd.DataFrame:
    """One row a variant and image: `STATISTICS` of the model's map and what attacks by that map do to it.

    `models` are one and the same model by the precision it computes in, see `by_precision`; a variant in another is
    left out.
    """
    tables, maps = [], {}
    default = choices.precision if choices.precision in models else "float32"
    variants = {name: {"precision": default, **change} for name, change in VARIANTS.items()}
    variants = {name: change for name, change in variants.items() if change["precision"] in models}
    for number, (name, change) in enumerate(variants.items(), 1):
        precision, options = change["precision"], _options(choices, change)
        model, key = models[precision], repr((precision, sorted(options.items())))
        with computing_in(precision):
            if key not in maps:
                keys = {"indices": sample.indices, "batch_size": batch_size}
                maps[key] = attribute(model, sample.images, sample.labels, **options, **choices.space, **keys)
            tables.append(_table(model, sample, maps[key], choices, change, batch_size).assign(variant=name))
        progress(number, len(variants))
    table = pd.concat(tables, ignore_index=True)
    return table[["variant", "image", "label", *STATISTICS]]


def _options(choices: StudyChoices, change: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `attribute` for a variant."""
    method = change.get("method", METHOD)
    options = {**choices.attribution[method], **change.get("options", {})}
    return {"method": method, "seed": choices.seed + change.get("seeds", 0), **options}


def _table(
    model: nn.Module,
    sample: Part,
    maps: np.ndarray,
    choices: StudyChoices,
    change: Mapping[str, Any],
    batch_size: int | None,
) -> pd.DataFrame:
    regions = {**choices.regions, **{key: change[key] for key in ("importance",) if key in change}}
    inputs, keys = (model, sample.images, sample.labels), {"indices": sample.indices, "batch_size": batch_size}
    keys["seed"] = choices.attack_seed + change.get("attack_seeds", 0)
    table = measure(maps, sample.indices, **regions)[["image", *GINIS]]
    ordered = np.abs(maps) if change.get("absolute") else maps
    noise = {"clip": change.get("clip", choices.clip), "subpixels": choices.subpixels, **choices.space}
    for kind in KINDS:
        fooled = [
            noise_attack(*inputs, ordered, kind=kind, draw=draw, **noise, **keys).success
            for draw in range(choices.repeats)
        ]
        table[kind] = np.mean([one.cpu().numpy() for one in fooled], axis=0)
    budget = {"count": choices.count, "radius": choices.radius, "color": COLOR}
    del regions["tolerance"]
    table[COLOR] = occlusion_attack(*inputs, maps, **budget, **regions, **keys).success.cpu().numpy().astype(int)
    return table.assign(label=sample.labels)
