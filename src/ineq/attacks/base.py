"""The attack protocol: an attack says which values it takes and what it puts there; all else is the same for all.

An attacked image is x' = (1 − M)·x + M·v. An attack gives M for a budget and an order of places, and v for a setting.
Which places come first says a map (the most important ones, or the least important) or chance. `ineq.attacks.run` keeps
what a model predicts for all of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from ineq.data.random_fields import normal_fields


@dataclass(frozen=True)
class Batch:
    """What an attack works on: images (B, C, H, W) in [0, 1], the order of their places, what keys random draws.

    `order` int64 (B, P) are the places that `Attack.scores` counts, the first to be attacked first. `mean` and `std`
    (1, C, 1, 1) are those of the normalised space, in pixel units.
    """

    images: torch.Tensor
    order: torch.Tensor
    indices: np.ndarray
    seed: int
    draw: int
    mean: torch.Tensor
    std: torch.Tensor

    def normal(self, purpose: str) -> torch.Tensor:
        """N(0, 1) fields of the normalised space, (B, C, H, W), one an image and draw."""
        shape, device = self.images.shape[1:], self.images.device
        return normal_fields(self.seed, purpose, self.indices, shape, self.draw, device=device)

    def first(self, count: int) -> torch.Tensor:
        """A mask of the first `count` places in order, bool (B, C, H, W), where a place is one value of the image."""
        none = torch.zeros_like(self.order, dtype=torch.bool)
        return none.scatter_(1, self.order[:, :count], True).view(self.images.shape)


class Attack(ABC):
    """An attack with its options: a frozen dataclass, whose fields are the options, JSON-able, each with a default.

    `name` is what tables call it. `criteria` are what may count as a success (see `ineq.attacks.criteria`), the
    headline's first. `repeats` is the number of draws of an attack that a map guides; at random there are as many as
    the study says. `purpose` keys the order of random places.
    """

    name: ClassVar[str]
    purpose: ClassVar[str] = ""
    criteria: ClassVar[tuple[str, ...]] = ("fixed",)
    repeats: int = 1

    @property
    @abstractmethod
    def settings(self) -> Sequence[str]:
        """Kinds of the attack, each tried at every budget."""

    @property
    @abstractmethod
    def budgets(self) -> Mapping[str, Sequence[int]]:
        """Values along each axis of budgets by the axis' name, from 1 and ascending."""

    def limits(self, shape: Sequence[int]) -> Mapping[str, int]:
        """The largest value of an axis that images of this shape (C, H, W) allow, where there is one."""
        return {}

    def same_as(self, budget: Mapping[str, int], shape: Sequence[int]) -> Mapping[str, int]:
        """The smallest budget that does the same to images of this shape (C, H, W)."""
        return budget

    def scores(self, maps: torch.Tensor) -> torch.Tensor:
        """How important each place is, (B, P), of maps (B, C, H, W): here a place is one value of the image."""
        return maps.flatten(1)

    @abstractmethod
    def mask(self, batch: Batch, **budget: int) -> torch.Tensor:
        """Which values are attacked, bool (B, C or 1, H, W)."""

    @abstractmethod
    def fill(self, batch: Batch) -> Mapping[str, torch.Tensor]:
        """What is put there by setting, each (B, C, H, W) or of a shape that expands to it."""
