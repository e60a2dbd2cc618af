"""What an attack is run on: images with the order of their places, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from ineq.attacks.base import Attack, Batch
from ineq.attacks.names import WHERE
from ineq.data.checks import Array, as_images, as_indices, as_maps, check_int
from ineq.data.random_fields import permutations
from ineq.device import device_of
from ineq.errors import InputError, refuse_unknown
from ineq.models.forward import Channels, batches, normalisation


@dataclass(frozen=True)
class Target:
    """The checked arguments of an attack: images (N, C, H, W), maps or None, and what keys random draws."""

    attack: Attack
    images: torch.Tensor
    maps: torch.Tensor | None
    indices: np.ndarray
    seed: int
    mean: torch.Tensor
    std: torch.Tensor

    def batch(self, rows: slice | np.ndarray, where: str, draw: int) -> Batch:
        """Some of the images, their places in the order in which they are attacked."""
        images, indices = self.images[rows], self.indices[rows]
        return Batch(images, self._order(rows, where, draw), indices, self.seed, draw, self.mean, self.std)

    def _order(self, rows: slice | np.ndarray, where: str, draw: int) -> torch.Tensor:
        if where == "random":
            # Of the image alone, never of its map: all models are attacked on the same random places.
            purpose = self.attack.purpose or f"{self.attack.name}-places"
            size = self.attack.scores(torch.zeros_like(self.images[:1])).shape[1]
            return permutations(self.seed, purpose, self.indices[rows], size, draw, device=self.images.device)
        if self.maps is None:
            raise InputError(f"maps are None, expected what tells the {where} places")
        # + 0.0 makes −0 a 0: a sort by bits would tell the two apart. Stable: of equal places the first.
        # ASSUME(§3.2.1): "most influential" is the highest signed value; exactly k of them, even where a_i = a_tre.
        scores = self.attack.scores(self.maps[rows]) + 0.0
        order = scores.argsort(dim=1, descending=where == "important", stable=True)
        return order.to(self.images.device)

    def attacked(
        self, where: str, setting: str, budget: Mapping[str, int], draw: int, batch_size: int | None
    ) -> torch.Tensor:
        """All images under one try, (N, C, H, W)."""
        parts = [self.batch(rows, where, draw) for rows in batches(len(self.images), batch_size)]
        attack = self.attack
        return torch.cat([put(attack, attack.mask(p, **budget), attack.fill(p)[setting], p.images) for p in parts])


def put(attack: Attack, mask: torch.Tensor, values: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
    """The images (B, C, H, W) with values put where the mask says so. Raises `InputError` where these don't fit."""
    shapes = [tuple(mask.shape), tuple(values.shape), tuple(images.shape)]
    try:
        fits = mask.dtype == torch.bool and torch.broadcast_shapes(*shapes) == shapes[-1]
    except RuntimeError:
        fits = False
    if not fits:
        raise InputError(
            f"attack {attack.name} gives a mask {shapes[0]} of {mask.dtype} and values {shapes[1]}, expected a bool "
            f"mask, both of a shape that expands to {shapes[-1]}"
        )
    return torch.where(mask, values, images)  # PAPER §3.2: x' = (1 − M)·x + M·v


def target(
    attack: Attack,
    images: Array,
    maps: Array | None,
    *,
    model: nn.Module | None = None,
    seed: int = 0,
    indices: Sequence[int] | Array | None = None,
    mean: Channels | None = None,
    std: Channels | None = None,
) -> Target:
    """What is attacked, checked. Raises `InputError` for a bad argument, or a budget that images don't allow."""
    network = nn.Identity() if model is None else model
    pixels = as_images(images, device_of(network))
    limits = attack.limits(pixels.shape[1:])
    for axis, values in attack.budgets.items():
        for value in values:
            check_int(axis, value, 1, limits.get(axis))
    check_int("repeats", attack.repeats, 1)
    ranking = None if maps is None else as_maps(maps, pixels)
    space = normalisation(network, pixels, mean, std)
    return Target(attack, pixels, ranking, as_indices(indices, len(pixels)), check_int("seed", seed, 0), *space)


def attacked_images(
    attack: Attack,
    images: Array,
    maps: Array | None,
    *,
    setting: str,
    budget: Mapping[str, int],
    where: str = "important",
    draw: int = 0,
    batch_size: int | None = None,
    model: nn.Module | None = None,
    **keys: Any,
) -> torch.Tensor:
    """Images (N, C, H, W) in [0, 1] under one try of an attack; `keys` are `seed`, `indices`, `mean` and `std`.

    Raises `InputError` for a bad argument.
    """
    refuse_unknown("where", str(where), WHERE)
    refuse_unknown("setting", str(setting), attack.settings)
    check_int("draw", draw, 0)
    return target(attack, images, maps, model=model, **keys).attacked(where, setting, budget, draw, batch_size)
