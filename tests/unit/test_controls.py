"""The networks that trained ones are compared with."""

from __future__ import annotations

from typing import Any

import torch

from ineq.device import device
from ineq.models.architectures import build
from ineq.models.forward import predict_logits
from ineq.models.job import distinct_networks, untrained_model
from ineq.models.normalized import Normalized


def card(seed: int = 0, width: int = 4, mean: float = 0.3) -> dict[str, Any]:
    architecture = {"name": "resnet8", "width": width, "channels": 1, "classes": 3}
    return {
        "architecture": architecture,
        "normalisation": {"mean": [mean], "std": [0.4]},
        "train": {"seed": seed},
    }


def test_each_architecture_is_there_once_with_the_first_models_seed() -> None:
    cards = {"a": card(1), "b": card(2), "wide": card(width=8), "other": card(mean=0.5)}
    found = distinct_networks(cards)
    assert {name: cards_of["train"]["seed"] for name, cards_of in found.items()} == {
        "resnet8-4": 1,
        "resnet8-8": 0,
        "resnet8-4-other": 0,
    }


def test_an_untrained_network_has_the_weights_that_training_starts_from() -> None:
    model = untrained_model(card(seed=5), {"threads": 1})
    fresh = Normalized(build(card()["architecture"], 5).eval(), [0.3], [0.4])
    images = torch.rand(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(predict_logits(model, images.to(device())), predict_logits(fresh, images))
    other = predict_logits(untrained_model(card(seed=6), {"threads": 1}), images.to(device()))
    assert not torch.allclose(predict_logits(fresh, images), other)
    assert not model.training and not any(value.requires_grad for value in model.parameters())
    assert float(model.mean.flatten()[0]) == torch.tensor(0.3)
