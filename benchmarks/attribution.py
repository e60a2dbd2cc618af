"""Attribution against captum, one image at a time and at its best batch, and against the floor: the passes alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import networks
import torch
from captum.attr import GradientShap, InputXGradient, IntegratedGradients, NoiseTunnel
from networks import Network
from timing import ROUNDS, Row, best, compare
from torch import nn

from ineq.attribution.methods import attribute

OPTIONS: dict[str, dict[str, Any]] = {
    "integrated_gradients": {"steps": 20, "baseline": "zero"},
    "input_x_gradient": {},
    "gradient_shap": {"samples": 10, "stdev": 0.01},
    "smoothgrad": {"samples": 5, "steps": 5, "stdev": 0.2},
}
GRADIENTS = {"integrated_gradients": 20, "input_x_gradient": 1, "gradient_shap": 10, "smoothgrad": 25}
BATCHES = (1, 2, 5, 10, 25, 50, 100, 200)
LOOP, BATCH, FLOOR = "captum, image by image", "captum, best batch", "the passes alone, best batch"
Captum = Callable[[torch.Tensor, torch.Tensor], object]


def _captum(model: nn.Module, method: str, mean: torch.Tensor) -> Captum:
    """What a user of captum writes for `method`."""
    given = OPTIONS[method]

    def call(images: torch.Tensor, labels: torch.Tensor) -> object:
        zero = mean.expand_as(images)
        if method == "integrated_gradients":
            return IntegratedGradients(model).attribute(images, zero, target=labels, n_steps=given["steps"])
        if method == "input_x_gradient":
            return InputXGradient(model).attribute(images.clone().requires_grad_(), target=labels)
        if method == "gradient_shap":
            noise = {"n_samples": given["samples"], "stdevs": given["stdev"]}
            return GradientShap(model).attribute(images, baselines=zero, target=labels, **noise)
        tunnel = {"nt_samples": given["samples"], "stdevs": given["stdev"], "nt_type": "smoothgrad"}
        steps = {"n_steps": given["steps"], "baselines": zero}
        return NoiseTunnel(IntegratedGradients(model)).attribute(images, target=labels, **tunnel, **steps)

    return call


def _in_batches(call: Captum, images: torch.Tensor, labels: torch.Tensor, size: int) -> Callable[[], object]:
    return lambda: [call(*both) for both in zip(images.split(size), labels.split(size), strict=True)]


def _passes(model: nn.Module, images: torch.Tensor, labels: torch.Tensor, times: int, size: int) -> Callable[[], None]:
    """`times` forward passes and input gradients of every image, `size` rows at once, and nothing else."""
    rows = images.repeat(times, 1, 1, 1)
    targets = labels.repeat(times)

    def run() -> None:
        for part, target in zip(rows.split(size), targets.split(size), strict=True):
            given = part.detach().requires_grad_()
            torch.autograd.grad(model(given).gather(1, target[:, None]).sum(), given)[0][0, 0, 0, 0].item()

    return run


def _floor(network: Network, model: nn.Module, times: int) -> Callable[[], None]:
    images, labels = network.data()
    sizes = [size for size in BATCHES if size <= times * len(images)]
    calls = {size: _passes(model, images, labels, times, size) for size in sizes}
    return calls[best(calls)]


def _rows(network: Network, method: str, rounds: int) -> Iterator[Row]:
    images, labels = network.data()
    model, plain = network.ours(), network.plain()
    call, options = _captum(plain, method, plain.mean), OPTIONS[method]
    sizes = [size for size in BATCHES if size <= len(images)]
    batch = best({size: _in_batches(call, images, labels, size) for size in sizes})
    floor = _floor(network, model, GRADIENTS[method])

    def ours(lower: nn.Module = model) -> object:
        return attribute(lower, images, labels, method, batch_size=network.batch_size, **options)

    others = {
        LOOP: _in_batches(call, images, labels, 1),
        BATCH: _in_batches(call, images, labels, batch),
        FLOOR: floor,
    }
    about = {"rounds": rounds, "wanted": {FLOOR: "≥ 0.9"}, "note": f"captum's best batch: {batch}"}
    yield from compare(f"attribution, {network.name}", method, ours, others, **about)
    if method == "integrated_gradients" and "bfloat16" in networks.PRECISIONS:
        lower = network.ours("bfloat16")
        about = {"rounds": rounds, "wanted": {FLOOR: "> 1"}, "note": "the passes in float32"}
        yield from compare(
            f"attribution, {network.name}", f"{method}, bfloat16", lambda: ours(lower), {FLOOR: floor}, **about
        )


def rows(*methods: str) -> Iterator[Row]:
    """Every method, or those that are named, on every network."""
    for network in networks.NETWORKS:
        for method in methods or OPTIONS:
            yield from _rows(network, method, 2 if network is networks.LARGE else ROUNDS)
