"""Pruning by l1-norm (paper A.6): masks that stay in force while the model is trained on, and become plain zeros."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn.utils import prune

from ineq.data.dataset import Split
from ineq.errors import InputError, refuse_unknown
from ineq.models.forward import evaluating
from ineq.models.normalized import Normalized
from ineq.models.training import TrainedModel, train

PROBES = 16
"""Images that tell which channels are silent."""
KINDS: dict[str, Callable[[nn.Conv2d, float], Any]] = {
    "filters": lambda layer, amount: prune.ln_structured(layer, "weight", amount, n=1, dim=0),
    "weights": lambda layer, amount: prune.l1_unstructured(layer, "weight", amount),
}


def prune_and_tune(
    base: Normalized, train_split: Split, held_out_split: Split, *, kind: str, amount: float, **training: Any
) -> TrainedModel:
    """Prune a copy of `base` as `put_masks` does, and train it further as `train` does with the options `training`.

    What is pruned is 0 in the result, which has the tensors of its architecture.
    """

    def prepare(model: Normalized) -> None:
        model.load_state_dict(base.state_dict())
        put_masks(model, kind=kind, amount=amount, images=torch.from_numpy(train_split.images[:PROBES]))

    tuned = train(train_split, held_out_split, **training, prepare=prepare)
    remove_masks(tuned.model)
    return tuned


def put_masks(model: Normalized, *, kind: str, amount: float, images: torch.Tensor) -> None:
    """Prune the share `amount`, in (0, 1), of every convolution of `model` but the first, those with the least l1-norm.

    With kind "filters" whole filters go, with "weights" single weights; a layer loses `round(amount * its number)`.
    The first convolution, the classifier and what normalises stay whole: they are small, and all the rest lives on what
    they see. A batch normalisation would still add its bias to the channel of a pruned filter, so where nothing comes
    in for any of the first of `images` (N, C, H, W), its weight and bias are pruned too.

    The masks work through torch's hooks: what is trained further stays pruned, and `remove_masks` makes it permanent.
    Raises `InputError` for an unknown kind and for an `amount` that is not in (0, 1).
    """
    refuse_unknown("kind of pruning", kind, KINDS)
    if not 0 < amount < 1:
        raise InputError(f"amount of pruning is {amount!r}, expected a share above 0 and below 1")
    for layer in _pruned(model).values():
        KINDS[kind](layer, amount)
    _silence(model, images[:PROBES])


def remove_masks(model: Normalized) -> None:
    """Make what is masked plain zeros: the model has the tensors of its architecture again, of the same shapes."""
    for module in model.modules():
        for name in ("weight", "bias"):
            if hasattr(module, f"{name}_mask"):
                prune.remove(module, name)


def zeros(model: Normalized) -> list[dict[str, Any]]:
    """A row for each pruned convolution of a model without masks: its name, filters and weights, and those all zero."""
    rows = []
    for name, layer in _pruned(model).items():
        zero = layer.weight == 0
        rows.append(
            {
                "layer": name,
                "filters": len(zero),
                "zero_filters": int(zero.flatten(1).all(1).sum()),
                "weights": zero.numel(),
                "zero_weights": int(zero.sum()),
            }
        )
    return rows


def _pruned(model: Normalized) -> dict[str, nn.Conv2d]:
    """Every convolution but the first, by its name in the network."""
    convolutions = {name: layer for name, layer in model.network.named_modules() if isinstance(layer, nn.Conv2d)}
    return dict(list(convolutions.items())[1:])


def _silence(model: Normalized, images: torch.Tensor) -> None:
    """Prune weight and bias of batch normalisations where a channel is 0 everywhere, in the order of the forward pass.

    By what flows, not by names: a channel of a DenseNet goes into many of them, and its average into others.
    """

    def look(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        alive = (inputs[0] != 0).any(dim=3).any(dim=2).any(dim=0).float()
        if not bool(alive.all()):
            prune.custom_from_mask(module, "weight", alive)
            prune.custom_from_mask(module, "bias", alive)

    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    handles = [norm.register_forward_pre_hook(look) for norm in norms]
    with evaluating(model), torch.no_grad():
        model(images)
    for handle in handles:
        handle.remove()
