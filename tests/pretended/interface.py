"""The public functions, called as a user calls them: with a model, images, labels and maps on one device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from trainings import NETWORK

import ineq
from ineq.attribution.methods import METHODS
from ineq.models.architectures import build

COUNT, SHAPE = 4, (1, 8, 8)
DRAWS = np.random.default_rng(0)
IMAGES = DRAWS.random((COUNT, *SHAPE), np.float32)
MAPS = DRAWS.standard_normal((COUNT, *SHAPE), np.float32)
LABELS = np.arange(COUNT)


def network() -> ineq.Normalized:
    return ineq.Normalized(build(NETWORK["architecture"], seed=0), [0.3], [0.4]).eval()


def on(place: str, values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(values).to(place)


INTERFACE: dict[str, Callable[[nn.Module, torch.Tensor, torch.Tensor, torch.Tensor], Any]] = {
    "gini": lambda model, images, labels, maps: ineq.gini(maps),
    "regional_gini": lambda model, images, labels, maps: ineq.regional_gini(maps, 2),
    "audit": lambda model, images, labels, maps: _audited(model, images, lambda values: values),
    "audit, numpy": lambda model, images, labels, maps: _audited(model, images, lambda values: values.cpu().numpy()),
    "sparsity": lambda model, images, labels, maps: ineq.sparsity(maps),
    **{
        f"attribute, {method}": lambda model, images, labels, maps, method=method: ineq.attribute(
            model, images, labels, method, mean=0.3, std=0.4
        )
        for method in METHODS
    },
    **{
        f"noise_attack, {kind}, {where}": lambda model, images, labels, maps, kind=kind, where=where: ineq.noise_attack(
            model, images, labels, maps, subpixels=3, kind=kind, where=where
        )
        for kind in ("additive", "replace")
        for where in ("important", "random", "least")
    },
    **{
        f"occlusion_attack, {color}, {where}": lambda model, images, labels, maps, color=color, where=where: (
            ineq.occlusion_attack(model, images, labels, maps, count=2, radius=2, region=2, color=color, where=where)
        )
        for color in ("gray", "mean")
        for where in ("important", "random", "least")
    },
}


def _audited(model: nn.Module, images: torch.Tensor, form: Callable[[torch.Tensor], Any]) -> torch.Tensor:
    """The numbers of an audit of more images than there are, of which the model gets all right."""
    many = images.repeat(5, 1, 1, 1)
    audit = ineq.audit(model, form(many), form(model(many).argmax(1)), quick=True, batch_size=COUNT)
    return torch.tensor(audit.summary()["value"].tolist(), device=images.device)


def tensors(value: Any) -> dict[str, torch.Tensor]:
    """The tensors of a result, by name."""
    parts = {"": value} if isinstance(value, torch.Tensor) else vars(value)
    return {name: part for name, part in parts.items() if isinstance(part, torch.Tensor)}
