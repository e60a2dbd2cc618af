"""The network of a model before its training: what a Gini index of its maps is read against."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import nn


def untrained_copy(model: nn.Module, seed: int) -> nn.Module | None:
    """A copy of the model whose layers are reset to random weights of `seed`; None where some cannot be.

    torch's layers have `reset_parameters`; who has layers of one's own without it, or weights that are made of others
    (pruning, weight normalisation), gives the untrained network.
    """
    try:
        copy = deepcopy(model)
    except Exception:  # of a tensor that a module keeps, an open file, and whatever else cannot be copied
        return None
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        for parameter in copy.parameters():
            parameter.fill_(torch.nan)  # so that one which no layer resets is noticed
        torch.default_generator.manual_seed(seed)
        for module in copy.modules():
            if reset := getattr(module, "reset_parameters", None):
                reset()
    reset_all = all(bool(parameter.isfinite().all()) for parameter in copy.parameters())
    return copy.requires_grad_(False) if reset_all else None
