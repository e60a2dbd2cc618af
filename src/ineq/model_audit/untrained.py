"""The network of a model before its training: what a Gini index of its maps is read against."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import nn


def untrained_copy(model: nn.Module, seed: int) -> nn.Module | None:
    """A copy of the model whose layers are reset to random weights of `seed`; None where some cannot be.

    torch's layers have `reset_parameters`; who has layers of one's own without it gives the untrained network.
    """
    copy = deepcopy(model)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        for module in copy.modules():
            if reset := getattr(module, "reset_parameters", None):
                reset()
            elif next(module.parameters(recurse=False), None) is not None:
                return None
    return copy
