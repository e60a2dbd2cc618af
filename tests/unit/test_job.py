"""A model as the stages use it: batch normalisation folded into convolutions, and still the same function."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from ineq.models.architectures import ARCHITECTURES, build
from ineq.models.checkpoint import load_checkpoint, save_checkpoint
from ineq.models.job import load_model
from ineq.models.normalized import Normalized

NORMALISATION = {"mean": [0.4, 0.5, 0.6], "std": [0.2, 0.2, 0.3]}
NORMS = {"densenet40": 21, "densenet121": 62}
"""Batch normalisations that no convolution precedes: a DenseNet's, of what is gathered so far."""


def saved(path: Path, name: str) -> dict:
    """Write a checkpoint whose batch normalisations all do something, and give its card."""
    architecture = {"name": name, "width": 64 if name.startswith("imagenet_") else 4, "channels": 3, "classes": 5}
    network = build(architecture)
    generator = torch.Generator().manual_seed(1)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for values, low, high in (
                (layer.weight, 0.5, 1.5),
                (layer.bias, -0.5, 0.5),
                (layer.running_mean, -0.5, 0.5),
                (layer.running_var, 0.5, 2.0),
            ):
                values.data.uniform_(low, high, generator=generator)  # type: ignore[union-attr]
    model = Normalized(network, NORMALISATION["mean"], NORMALISATION["std"])
    card = {"architecture": architecture, "normalisation": NORMALISATION}
    save_checkpoint(path, model, stage="train", **card, parameters={})
    return card


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_loaded_model_is_the_saved_function(name: str, tmp_path: Path) -> None:
    """Logits and gradients, against the checkpoint as it is."""
    path = tmp_path / "checkpoint.safetensors"
    card = saved(path, name)
    fast, plain = load_model(path, card, {"threads": 1}).cpu(), load_checkpoint(path, **card)
    assert sum(isinstance(layer, nn.BatchNorm2d) for layer in fast.modules()) == NORMS.get(name, 0)
    images = torch.rand(3, 3, 16, 16, generator=torch.Generator().manual_seed(0)).requires_grad_()
    found = []
    for model in (plain, fast):
        logits = model(images)
        (gradient,) = torch.autograd.grad(logits[:, 1].sum(), images)
        found.append((logits, gradient))
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(other, one, rtol=1e-4, atol=1e-5 * float(one.detach().abs().max()))
    assert not fast.training and not any(weights.requires_grad for weights in fast.parameters())
