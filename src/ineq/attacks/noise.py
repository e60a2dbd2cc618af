"""Inductive noise: Gaussian noise on single values of an image, the most important ones or others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import nn

from ineq.attacks.base import Attack, Batch
from ineq.attacks.names import KINDS
from ineq.attacks.target import attacked_images
from ineq.data.checks import Array, as_images, as_labels, refuse_beyond
from ineq.device import device_of
from ineq.errors import refuse_unknown
from ineq.models.forward import Channels, predict_logits
from ineq.models.probe import classes_of


@dataclass(frozen=True)
class Noise(Attack):
    """N(0, 1) noise of the normalised space on so many of an image's C·H·W values; `clip` cuts the result to [0, 1]."""

    name: ClassVar[str] = "noise"
    purpose: ClassVar[str] = "noise-subpixels"
    settings: ClassVar[Sequence[str]] = KINDS
    subpixels: Sequence[int] = (1,)
    repeats: int = 1
    clip: bool = True

    @property
    def budgets(self) -> Mapping[str, Sequence[int]]:
        """Numbers of values that get noise."""
        return {"subpixels": self.subpixels}

    def limits(self, shape: Sequence[int]) -> Mapping[str, int]:
        """No more values than an image has."""
        channels, height, width = shape
        return {"subpixels": channels * height * width}

    def mask(self, batch: Batch, **budget: int) -> torch.Tensor:
        """The first values in order."""
        return batch.first(budget["subpixels"])

    def fill(self, batch: Batch) -> Mapping[str, torch.Tensor]:
        """Noise added to the image, and noise about the mean colour."""
        # ASSUME(§3.2.1): N(0, 1) in normalised space, the same for every model and number of subpixels.
        field = batch.std * batch.normal("noise-field")
        # PAPER §3.2.1: Type I x + M·σ, Type II (1 − M)·x + M·σ, whose zero is the mean colour in pixel space.
        both = {"additive": batch.images + field, "replace": batch.mean + field}
        # ASSUME(§3.2.1): only valid pixels reach the model
        return {kind: noisy.clamp(0, 1) if self.clip else noisy for kind, noisy in both.items()}


ATTACK = Noise


@dataclass(frozen=True)
class NoiseResult:
    """What became of each image: `success` (N,) bool, `predictions` int64 (N,) and the noised `images` (N, C, H, W)."""

    success: torch.Tensor
    predictions: torch.Tensor
    images: torch.Tensor


def noise_attack(
    model: nn.Module,
    images: Array,
    labels: Array,
    maps: Array,
    *,
    subpixels: int,
    kind: str = "additive",
    where: str = "important",
    seed: int = 0,
    draw: int = 0,
    clip: bool = True,
    indices: Sequence[int] | Array | None = None,
    batch_size: int | None = None,
    mean: Channels | None = None,
    std: Channels | None = None,
) -> NoiseResult:
    """Put Gaussian noise on exactly `subpixels` of the C·H·W values of each image (N, C, H, W) in [0, 1].

    `kind` "additive" adds it (the paper's Type I), "replace" puts it in their place (Type II). `where` is "important"
    (the highest of `maps`, of equal ones the first), "least" (the lowest) or "random". Noise is N(0, 1) in the space
    that `mean` and `std` normalise to (see `ineq.models.forward.normalisation`); `clip` cuts the result to [0, 1].
    Noise and random subpixels are keyed by (`seed`, index, `draw`), an index being the place in `images` unless
    `indices` says otherwise. An image that the model gets wrong anyway counts as a success.

    Raises `InputError` for a bad argument, and a model that can't be measured (see `ineq.models.probe`).
    """
    refuse_unknown("kind", str(kind), KINDS)
    attack = Noise(subpixels=(subpixels,), clip=bool(clip))
    keys: dict[str, Any] = {"seed": seed, "indices": indices, "mean": mean, "std": std, "batch_size": batch_size}
    # The labels first: what is wrong with them is told before anything is computed.
    truth = as_labels(labels, pixels := as_images(images, device_of(model)))
    refuse_beyond(truth, classes_of(model, pixels, batch_size))
    budget = {"subpixels": subpixels}
    noisy = attacked_images(
        attack, images, maps, setting=kind, budget=budget, where=where, draw=draw, model=model, **keys
    )
    predictions = predict_logits(model, noisy, batch_size).argmax(1).to(truth.device)
    return NoiseResult(predictions != truth, predictions, noisy)
