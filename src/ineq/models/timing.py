"""How long a network takes, measured, or counted for another machine: before a study, never inside a stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from ineq.device import device
from ineq.models.job import untrained_model

SECONDS = 1.0
"""How long each of both kinds of pass is tried, at least, unless another time is asked for."""


Pair = tuple[float, float]
"""Of one image forward, and forward with the gradient of the input."""


def cost(
    card: Mapping[str, Any], shape: tuple[int, int, int], runtime: Mapping[str, Any], least: float = SECONDS
) -> Pair:
    """Seconds that one image (C, H, W) of a batch takes; each kind of pass is tried for `least` seconds."""
    model = untrained_model(dict(card), runtime)
    batch_size = runtime["batch_size"]
    images = torch.rand(batch_size, *shape).to(device())

    def forward() -> None:
        with torch.no_grad():
            model(images).sum().item()

    def gradient() -> None:
        pixels = images.clone().requires_grad_()
        torch.autograd.grad(model(pixels).sum(), pixels)[0].sum().item()

    return _seconds(forward, least) / batch_size, _seconds(gradient, least) / batch_size


def operations(card: Mapping[str, Any], shape: tuple[int, int, int]) -> Pair:
    """Floating-point operations that one image (C, H, W) takes forward, and forward with the gradient of the input."""
    model = untrained_model(dict(card), {"threads": 1})
    image = torch.rand(1, *shape).to(device()).requires_grad_()
    with FlopCounterMode(display=False) as forward:
        output = model(image).sum()
    with FlopCounterMode(display=False) as backward:
        torch.autograd.grad(output, image)
    return forward.get_total_flops(), forward.get_total_flops() + backward.get_total_flops()


def _seconds(run: Callable[[], None], least: float) -> float:
    run()  # the first pass finds its kernels
    began, times = time.perf_counter(), 0
    while time.perf_counter() - began < least:
        run()
        times += 1
    return (time.perf_counter() - began) / times
