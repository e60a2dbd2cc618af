"""The network of a model before its training: what a Gini index of its maps is read against."""

from __future__ import annotations

from itertools import chain

import torch
from torch import nn

from ineq.data.checks import check_model
from ineq.device import same_device


def shared_weights(untrained: nn.Module, trained: nn.Module) -> str:
    """The name of a layer's weights in `untrained` that `trained` has, too, under whatever name; "" if there are none.

    Only layers that torch draws at random count, those with `reset_parameters`; what is constant, such as the ones of a
    batch normalisation, says nothing. Raises `InputError` for what is no module.
    """
    check_model(untrained)
    known = [*chain(trained.parameters(), trained.buffers())]
    for place, layer in untrained.named_modules():
        for name, value in layer.named_parameters(place, recurse=False) if hasattr(layer, "reset_parameters") else ():
            same = (same_device(value.device, other.device) and torch.equal(value, other) for other in known)
            if any(same) and bool((value != value.flatten()[:1]).any()):
                return name
    return ""
