"""What stages that run a model have in common: the checkpoint of a card, on the device at hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ineq.device import device, number_type, set_arithmetic
from ineq.models.architectures import build
from ineq.models.checkpoint import load_checkpoint
from ineq.models.folding import folded
from ineq.models.names import network_name
from ineq.models.normalized import Normalized

Runtime = Mapping[str, Any]
"""The section `runtime` as far as a stage declares it: `threads`, and `precision`, else float32."""


def untrained_model(card: dict[str, Any], runtime: Runtime) -> Normalized:
    """The network of a card with the weights its training starts from, and set up torch."""
    set_arithmetic(runtime["threads"], runtime.get("precision", "float32"))
    network = build(card["architecture"], card["train"]["seed"])
    # In eval mode batch normalisation has its initial statistics, 0 and 1, and so changes nothing.
    model = Normalized(network, card["normalisation"]["mean"], card["normalisation"]["std"])
    return _ready(model.eval().requires_grad_(False), runtime)


def load_model(path: Path, card: dict[str, Any], runtime: Runtime) -> Normalized:
    """Load a checkpoint that fits the card's architecture and normalisation, to be used as it is; set up torch."""
    set_arithmetic(runtime["threads"], runtime.get("precision", "float32"))
    model = load_checkpoint(path, architecture=card["architecture"], normalisation=card["normalisation"])
    return _ready(model, runtime)


class _Lowered(nn.Module):
    """A network that computes in a lower precision, and still takes and gives float32."""

    def __init__(self, network: nn.Module, kind: torch.dtype) -> None:
        super().__init__()
        self.network, self.kind = network.to(kind), kind

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.network(images.to(self.kind)).float()


def _ready(model: Normalized, runtime: Runtime) -> Normalized:
    """The same function up to rounding, made fast and put on the device: for a model that is not trained any more."""
    # Measured on a CPU: a forward pass takes a quarter to a third less time than with the usual order of the weights.
    model.network = folded(model.network)
    if (kind := number_type(runtime.get("precision", "float32"))) != torch.float32:
        model.network = _Lowered(model.network, kind)
    return model.to(device(), memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


def distinct_networks(cards: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """One card, the first, of each distinct architecture and normalisation, by a name like `resnet8-16`."""
    distinct: dict[str, dict[str, Any]] = {}
    for model, card in cards.items():
        name = network_name(card["architecture"])
        networks = [{key: one[key] for key in ("architecture", "normalisation")} for one in distinct.values()]
        if {key: card[key] for key in ("architecture", "normalisation")} not in networks:
            # Two that differ in something else than the width: the model's name tells them apart.
            distinct[f"{name}-{model}" if name in distinct else name] = card
    return distinct
