"""An exponential moving average of a model's weights while it is trained (Polyak and Juditsky, 1992)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


class WeightAverage:
    """After the steps t = 1, 2, …: a₁ = w₁, aₜ = decay · aₜ₋₁ + (1 − decay) · wₜ, for every tensor of a model's state.

    The statistics of batch normalisation are averaged with the weights; whole numbers, such as its counter, are those
    of the last step. The average is of tensors, not a second model, so that masks on the weights don't matter.
    """

    def __init__(self, decay: float) -> None:
        self.decay = decay
        self.tensors: dict[str, torch.Tensor] = {}

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Take in the model's state after a step."""
        state = model.state_dict()
        if not self.tensors:
            self.tensors = {name: tensor.clone() for name, tensor in state.items()}
        for name, tensor in state.items():
            if tensor.is_floating_point():
                self.tensors[name].lerp_(tensor, 1 - self.decay)
            else:
                self.tensors[name].copy_(tensor)

    def copy_to(self, model: nn.Module) -> None:
        """Give the model the average in the place of its weights."""
        model.load_state_dict(self.tensors)

    @contextmanager
    def applied(self, model: nn.Module) -> Iterator[None]:
        """Inside, the model has the average in the place of its weights."""
        weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        self.copy_to(model)
        try:
            yield
        finally:
            model.load_state_dict(weights)
