"""The networks that are timed: as the project uses them, and as a user of captum has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from ineq.device import device, number_type
from ineq.models.architectures import build
from ineq.models.job import untrained_model
from ineq.models.normalized import Normalized

PRECISIONS = ("float32", "bfloat16") if number_type("bfloat16") is torch.bfloat16 else ("float32",)
"""What this machine computes in; elsewhere bfloat16 is float32 under another name."""


@dataclass(frozen=True)
class Network:
    """A network, how many images of which shape it is timed on, and the batch size its study has."""

    name: str
    architecture: dict[str, Any]
    shape: tuple[int, int, int]
    images: int
    batch_size: int

    @property
    def card(self) -> dict[str, Any]:
        """As a model card has it."""
        channels = self.shape[0]
        space = {"mean": [0.5] * channels, "std": [0.25] * channels}
        return {"architecture": self.architecture, "normalisation": space, "train": {"seed": 0}}

    def ours(self, precision: str = "float32") -> Normalized:
        """Folded, in the order of weights and the precision that stages use."""
        return untrained_model(self.card, {"threads": 1, "precision": precision})

    def plain(self) -> Normalized:
        """As it was built."""
        space = self.card["normalisation"]
        model = Normalized(build(self.architecture), space["mean"], space["std"])
        return model.eval().requires_grad_(False).to(device())

    def data(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Images in [0, 1] and labels, the same each time."""
        images = torch.rand(self.images, *self.shape, generator=torch.Generator().manual_seed(0))
        return images.to(device()), (torch.arange(self.images) % self.architecture["classes"]).to(device())


def _small(name: str, width: int, channels: int, classes: int = 10) -> dict[str, Any]:
    return {"name": name, "width": width, "channels": channels, "classes": classes}


DIGITS = Network("ResNet-8, 8×8 (digits)", _small("resnet8", 16, 1), (1, 8, 8), 200, 200)
QUARTER = Network("ResNet-18 of quarter width, 32×32", _small("resnet18", 16, 3), (3, 32, 32), 50, 50)
FULL = Network("ResNet-18, 32×32", _small("resnet18", 64, 3), (3, 32, 32), 10, 50)
LARGE = Network("ResNet-50, 224×224", _small("imagenet_resnet50", 64, 3, 1000), (3, 224, 224), 2, 16)
NETWORKS = (DIGITS, QUARTER, FULL, LARGE)
