"""Inductive noise: Gaussian noise on the most important subpixels, and its twins on random and least important ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from ineq.attacks.names import KINDS, WHERE
from ineq.data.checks import Array, as_images, as_indices, as_labels, as_maps, refuse_beyond, whole
from ineq.data.draws import normal_fields, permutations
from ineq.device import device_of
from ineq.errors import refuse_unknown
from ineq.models.forward import (
    Channels,
    Progress,
    batches,
    normalisation,
    predict_labels,
    predict_logits,
    silent,
)


@dataclass(frozen=True)
class NoiseResult:
    """What became of each image: `success` (N,) bool, `predictions` int64 (N,) and the noised `images` (N, C, H, W)."""

    success: torch.Tensor
    predictions: torch.Tensor
    images: torch.Tensor


@dataclass(frozen=True)
class _Noise:
    """Images and maps (B, C, H, W) of a batch with the random draws that are theirs."""

    images: torch.Tensor
    maps: torch.Tensor
    indices: np.ndarray
    seed: int
    mean: torch.Tensor
    std: torch.Tensor
    clip: bool

    def parts(self, batch_size: int | None) -> Iterator[tuple[slice, _Noise]]:
        """Batches of the images, each with what is theirs."""
        for rows in batches(len(self.images), batch_size):
            yield rows, replace(self, images=self.images[rows], maps=self.maps[rows], indices=self.indices[rows])

    def order(self, where: str, draw: int) -> torch.Tensor:
        """Subpixels of the flattened image, (B, C·H·W), the ones to disturb first."""
        if where == "random":
            # Of the image alone, never of its map: all models see the same random subpixels.
            drawn = permutations(self.seed, "noise-subpixels", self.indices, self.maps[0].numel(), draw)
            return torch.from_numpy(drawn).to(self.maps.device)
        # + 0.0 makes −0 a 0: a sort by bits would tell the two apart. Stable: of equal values the lower index.
        # ASSUME(§3.2.1): "most influential" is the highest signed value; exactly k of them, even where a_i = a_tre.
        values = self.maps.flatten(1) + 0.0
        return values.argsort(dim=1, descending=where == "important", stable=True)

    def field(self, draw: int) -> torch.Tensor:
        """The noise σ in pixel units, before a mean is added, (B, C, H, W)."""
        # ASSUME(§3.2.1): N(0, 1) in normalised space, the same for every model and number of subpixels.
        drawn = normal_fields(self.seed, "noise-field", self.indices, self.images.shape[1:], draw)
        return self.std * torch.from_numpy(drawn).to(self.images.device)

    def apply(self, kind: str, field: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
        """The images with noise on the `chosen` subpixels (B, k)."""
        flat = torch.zeros(len(self.images), self.images[0].numel(), dtype=torch.bool, device=self.images.device)
        mask = flat.scatter_(1, chosen, True).view(self.images.shape)
        # PAPER §3.2.1: Type I x + M·σ, Type II (1 − M)·x + M·σ, whose zero is the mean colour in pixel space.
        noise = (self.images if kind == "additive" else self.mean) + field
        noised = torch.where(mask, noise, self.images)
        return noised.clamp(0, 1) if self.clip else noised  # ASSUME(§3.2.1): only valid pixels reach the model

    def noisy(self, kind: str, where: str, subpixels: int, draw: int, batch_size: int | None) -> torch.Tensor:
        """All images with noise on exactly `subpixels` of their values, made batch by batch."""
        count, draw = whole("subpixels", subpixels, 1, self.images[0].numel()), whole("draw", draw, 0)
        parts = [part for _, part in self.parts(batch_size)]
        return torch.cat([part.apply(kind, part.field(draw), part.order(where, draw)[:, :count]) for part in parts])


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
    that `mean` and `std` normalise to, by default that of a `Normalized` model, else pixel space; `clip` cuts the
    result to [0, 1]. Noise and random subpixels are keyed by (`seed`, index, `draw`), an index being the place in
    `images` unless `indices` says otherwise. An image that the model gets wrong anyway counts as a success.

    Raises `InputError` for a bad argument.
    """
    refuse_unknown("kind", str(kind), KINDS)
    refuse_unknown("where", str(where), WHERE)
    noise = _noise(model, images, maps, indices, seed, clip, mean, std)
    truth = as_labels(labels, noise.images)
    noisy = noise.noisy(kind, where, subpixels, draw, batch_size)
    logits = predict_logits(model, noisy, batch_size)
    refuse_beyond(truth, logits.shape[1])
    predictions = logits.argmax(1).to(truth.device)
    return NoiseResult(predictions != truth, predictions, noisy)


def noised(
    images: Array, maps: Array, *, subpixels: int, kind: str, draw: int, indices: Sequence[int] | Array, **space: Any
) -> torch.Tensor:
    """The images (N, C, H, W) that `noise_attack` makes on their most important values, without a model.

    `space` are `seed`, `clip`, `mean` and `std`. Raises `InputError` for a bad argument.
    """
    refuse_unknown("kind", str(kind), KINDS)
    return _noise(nn.Identity(), images, maps, indices, **space).noisy(kind, "important", subpixels, draw, None)


def noise_record(
    model: nn.Module,
    images: Array,
    labels: Array,
    maps: Array,
    *,
    subpixels: Sequence[int],
    repeats: int,
    draws: int,
    clip: bool = True,
    seed: int = 0,
    batch_size: int | None = None,
    indices: Sequence[int] | Array | None = None,
    mean: Channels | None = None,
    std: Channels | None = None,
    progress: Progress = silent,
) -> dict[str, np.ndarray]:
    """Predictions, int16, under every kind and number of `subpixels` (K of them); arguments as in `noise_attack`.

    "clean" is (N,) for the untouched images; "important" and "least" are (2, K, `repeats`, N) and "random"
    (2, K, `draws`, N), the first axis in the order of `KINDS`. Repeat d and random draw d use the same noise field.
    `progress` gets the number of images done, and of all.
    """
    noise = _noise(model, images, maps, indices, seed, clip, mean, std)
    clean = predict_logits(model, noise.images, batch_size)
    refuse_beyond(as_labels(labels, noise.images), clean.shape[1])
    counts = [whole("subpixels", count, 1, noise.images[0].numel()) for count in subpixels]
    tries = {"important": whole("repeats", repeats, 1), "random": whole("draws", draws, 0), "least": repeats}
    total = len(noise.images)
    record = {where: np.empty((len(KINDS), len(counts), number, total), np.int16) for where, number in tries.items()}
    for rows, part in noise.parts(batch_size):
        for where, place, noised in _variants(part, counts, tries):
            record[where][*place, rows] = predict_labels(model, noised, batch_size)
        progress(rows.stop, total)
    return {"clean": clean.argmax(1).numpy().astype(np.int16), **record}


def _variants(
    noise: _Noise, counts: Sequence[int], tries: dict[str, int]
) -> Iterator[tuple[str, tuple[int, int, int], torch.Tensor]]:
    """Every noised version of a batch with its `where` and its place (kind, count, draw) in the record."""
    for where, number in tries.items():
        order = noise.order(where, 0)
        for draw in range(number):
            field = noise.field(draw)
            if where == "random" and draw:
                order = noise.order(where, draw)
            for k, count in enumerate(counts):
                for i, kind in enumerate(KINDS):
                    yield where, (i, k, draw), noise.apply(kind, field, order[:, :count])


def _noise(
    model: nn.Module,
    images: Array,
    maps: Array,
    indices: Sequence[int] | Array | None,
    seed: int,
    clip: bool,
    mean: Channels | None,
    std: Channels | None,
) -> _Noise:
    """The checked arguments that attack and record share."""
    pixels = as_images(images, device_of(model))
    keys, seed = as_indices(indices, len(pixels)), whole("seed", seed, 0)
    return _Noise(pixels, as_maps(maps, pixels), keys, seed, *normalisation(model, pixels, mean, std), bool(clip))
