"""Both attacks against loops over images and tries that make the same record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import networks
import numpy as np
import torch
from networks import Network
from timing import Row, compare
from torch import nn

from ineq.attacks.names import KINDS
from ineq.attacks.noise import Noise
from ineq.attacks.occlusion import Occlusion
from ineq.attacks.run import attack_outcome
from ineq.data.random_fields import normal_fields
from ineq.models.forward import predict_labels

COUNT, RADIUS, REGION, SUBPIXELS = 10, 4, 4, (102, 408)
LOOP, FLOOR = "a loop over images", "the forward passes alone"
Sides = tuple[Callable[[], np.ndarray], Callable[[], np.ndarray]]
"""Ours, and the loop: the same record."""
WANTED = {networks.QUARTER.name: "≥ 5", networks.FULL.name: "≥ 3"}


def occlusion_loop(model: nn.Module, images: torch.Tensor, maps: torch.Tensor) -> np.ndarray:
    """Predictions (N, count, radius) of black squares over the most important regions: Algorithm 1 as it is written."""
    found = np.empty((len(images), COUNT, RADIUS), np.int16)
    for number, (image, values) in enumerate(zip(images, maps, strict=True)):
        sums = torch.nn.functional.avg_pool2d(values[None].double(), REGION).sum(1).flatten()
        order = torch.argsort(-sums, stable=True)[:COUNT].tolist()
        for n in range(1, COUNT + 1):
            for r in range(1, RADIUS + 1):
                mask = torch.zeros_like(image)
                for region in order[:n]:
                    row, column = divmod(region, image.shape[2] // REGION)
                    y, x = row * REGION + REGION // 2, column * REGION + REGION // 2
                    mask[:, max(y - r, 0) : y + r, max(x - r, 0) : x + r] = 1
                with torch.no_grad():
                    found[number, n - 1, r - 1] = int(model((image * (1 - mask))[None]).argmax())
    return found


def noise_loop(model: nn.Module, images: torch.Tensor, maps: torch.Tensor, std: float) -> np.ndarray:
    """Predictions (2, 2, K, N) of both kinds of noise, clipped, on the most and the least important subpixels."""
    found = np.empty((2, len(KINDS), len(SUBPIXELS), len(images)), np.int16)
    for number, (image, values) in enumerate(zip(images, maps, strict=True)):
        field = std * normal_fields(0, "noise-field", [number], image.shape)[0]
        for w, descending in enumerate((True, False)):
            order = values.flatten().argsort(descending=descending, stable=True)
            for k, kind in enumerate(KINDS):
                for s, size in enumerate(SUBPIXELS):
                    mask = torch.zeros(image.numel())
                    mask[order[:size]] = 1
                    mask = mask.view_as(image)
                    noise = (image if kind == "additive" else 0.5) + field
                    noised = ((1 - mask) * image + mask * noise).clamp(0, 1)
                    with torch.no_grad():
                        found[w, k, s, number] = int(model(noised[None]).argmax())
    return found


def _data(network: Network, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Images, and maps of as many."""
    images = replace(network, images=count).data()[0]
    maps = torch.rand(images.shape, generator=torch.Generator().manual_seed(1)) - 0.5
    return images, maps.to(images.device)


def _occlusion(network: Network, images: torch.Tensor, maps: torch.Tensor) -> Sides:
    model, plain, labels = network.ours(), network.plain(), torch.zeros(len(images), dtype=torch.int64)
    attack, rows = Occlusion(COUNT, RADIUS, ["black"], REGION), {"batch_size": network.batch_size}

    def ours() -> np.ndarray:
        outcome = attack_outcome(attack, model, images, labels, maps, where=("important",), **rows)
        return np.moveaxis(outcome.prediction["important"][0, :, :, 0], -1, 0)

    return ours, lambda: occlusion_loop(plain, images, maps)


def _noise(network: Network, images: torch.Tensor, maps: torch.Tensor) -> Sides:
    model, plain, labels = network.ours(), network.plain(), torch.zeros(len(images), dtype=torch.int64)
    options: dict[str, Any] = {"where": ("important", "least"), "batch_size": network.batch_size}

    def ours() -> np.ndarray:
        attack = Noise(SUBPIXELS)
        outcome = attack_outcome(attack, model, images, labels, maps, mean=[0.5], std=[0.25], **options)
        return np.stack([outcome.prediction[where][:, :, 0] for where in options["where"]])

    return ours, lambda: noise_loop(plain, images, maps, 0.25)


ATTACKS = {"occlusion": (_occlusion, 4, WANTED), "noise": (_noise, 50, {})}
"""Both sides, on so many images that either attack fills its batches, as it does in a study; the ratio wanted."""


def _rows(network: Network) -> Iterator[Row]:
    model = network.ours()
    for what, (sides, count, wanted) in ATTACKS.items():
        ours, loop = sides(network, *_data(network, count))
        found = ours()
        note = f"{(found == loop()).mean():.1%} of predictions the same"
        # And once untouched, of each image.
        shown = replace(network, images=found.size + count).data()[0]
        others = {LOOP: loop, FLOOR: partial(predict_labels, model, shown, network.batch_size)}
        expected = {LOOP: wanted.get(network.name, "")}
        yield from compare(f"attacks, {network.name}", what, ours, others, wanted=expected, note=note)


def rows() -> Iterator[Row]:
    """Occlusion and noise on CIFAR-10's two networks."""
    for network in (networks.QUARTER, networks.FULL):
        yield from _rows(network)
