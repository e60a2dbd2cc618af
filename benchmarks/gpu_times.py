"""How long a GPU takes for what a study does most, in each precision that it has."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from ineq.attacks.noise import Noise
from ineq.attacks.occlusion import Occlusion
from ineq.attacks.run import attack_outcome
from ineq.attribution.methods import attribute
from ineq.data.dataset import Split
from ineq.device import PRECISIONS, computing_in, device, effective
from ineq.models.job import untrained_model
from ineq.models.recipe import Recipe, Schedule
from ineq.models.training import train

NETWORKS: dict[str, dict[str, Any]] = {
    "ResNet-18, 32 pixels": {"name": "resnet18", "width": 64, "channels": 3, "classes": 10},
    "ResNet-50, 224 pixels": {"name": "imagenet_resnet50", "width": 64, "channels": 3, "classes": 1000},
}
SIDES, REGIONS = {"ResNet-18, 32 pixels": 32, "ResNet-50, 224 pixels": 224}, {32: 4, 224: 16}
SPACE = {"mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25]}
IMAGES, TRAINED = {32: 512, 224: 64}, 12_800
"""Images that each is measured on: seconds of work, for one GPU."""
SCHEDULE = Schedule(
    epochs=1,
    batch_size=128,
    learning_rate=0.1,
    momentum=0.9,
    weight_decay=5e-4,
    ramp_epochs=0,
    flip=True,
    crop=4,
    log_epsilon=8 / 255,
    log_steps=1,
    log_images=128,
)
STEP = Recipe(seed=0, norm="linf", epsilon=8 / 255, steps=1, attack="n-fgsm")


def times(quick: bool) -> list[str]:
    """A table in Markdown: images a second."""
    lines = ["| network | precision | what | images a second |", "| --- | --- | --- | ---: |"]
    for name, architecture in NETWORKS.items():
        side = SIDES[name]
        if quick and side > 32:
            continue
        for precision in (kind for kind in PRECISIONS if effective(kind) == kind):
            with computing_in(precision):
                for what, rate in _rates(architecture, side, precision, quick):
                    lines.append(f"| {name} | {precision} | {what} | {rate:,.0f} |")
    return lines


def _rates(architecture: dict[str, Any], side: int, precision: str, quick: bool) -> Iterator[tuple[str, float]]:
    card = {"architecture": architecture, "normalisation": SPACE, "train": {"seed": 0}}
    model = untrained_model(card, {"threads": 1, "precision": precision})
    count, draws = 4 if quick else IMAGES[side], np.random.default_rng(0)
    images = torch.from_numpy(draws.random((count, 3, side, side), np.float32)).to(device())
    labels = torch.zeros(count, dtype=torch.int64, device=device())
    for what, (done, call) in _calls(model, images, labels).items():
        yield what, done / _seconds(call)
    if side == 32:
        yield "a training epoch, N-FGSM", _training(architecture, precision, 256 if quick else TRAINED)


def _calls(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> dict[str, tuple[int, Callable[[], object]]]:
    side = images.shape[-1]
    maps = torch.rand(images.shape, generator=torch.Generator().manual_seed(0)).to(images.device)
    size, count = {"batch_size": 256}, len(images)
    few, share = max(1, count // 16), images[0].numel() // 30
    noise, squares = Noise([share], repeats=3), Occlusion(10, 10, ["black"], REGIONS[side])
    guided = {"where": ("important",), **size}
    return {
        "Integrated Gradients, 20 steps": (
            count,
            lambda: attribute(model, images, labels, steps=20, **size),
        ),
        "noise, 2 kinds × 3 draws × 3 places": (
            count,
            lambda: attack_outcome(noise, model, images, labels, maps, draws=3, **size),
        ),
        "occlusion, 10 squares × 10 radii": (
            few,
            lambda: attack_outcome(squares, model, images[:few], labels[:few], maps[:few], **guided),
        ),
    }


def _training(architecture: dict[str, Any], precision: str, count: int) -> float:
    draws = np.random.default_rng(0)
    split = Split(
        draws.random((count, 3, 32, 32), np.float32), draws.integers(10, size=count), tuple(map(str, range(10)))
    )
    held_out = Split(split.images[:128], split.labels[:128], split.classes)

    def epoch() -> object:
        schedule = replace(SCHEDULE, precision=precision)
        return train(split, held_out, architecture=architecture, normalisation=SPACE, recipe=STEP, schedule=schedule)

    return count / _seconds(epoch, warm=False)


def _seconds(call: Callable[[], object], warm: bool = True) -> float:
    if warm:  # the first time finds its kernels
        call()
    torch.cuda.synchronize()
    began = time.perf_counter()
    call()
    torch.cuda.synchronize()
    return time.perf_counter() - began
