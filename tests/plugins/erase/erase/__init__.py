"""Some values of an image set to one gray, as an attack of its own package."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch

from ineq.attacks.base import Attack, Batch


@dataclass(frozen=True)
class Erase(Attack):
    """So many of an image's `values` at one `gray`."""

    name: ClassVar[str] = "erase"
    settings: ClassVar[Sequence[str]] = ("gray",)
    values: int = 8
    gray: float = 0.5

    @property
    def budgets(self) -> Mapping[str, Sequence[int]]:
        """Numbers of values that are erased."""
        return {"erased": (self.values,)}

    def mask(self, batch: Batch, **budget: int) -> torch.Tensor:
        """The first values in order, bool (B, C, H, W)."""
        return batch.first(budget["erased"])

    def fill(self, batch: Batch) -> Mapping[str, torch.Tensor]:
        """One gray for all."""
        return {"gray": torch.full_like(batch.images, self.gray)}
