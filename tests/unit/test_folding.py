"""The folded twin of a network under training: the same function at every moment, without its batch normalisation."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import prune

from ineq.models.architectures import build
from ineq.models.folding import FoldedModel, folded
from ineq.models.forward import evaluating
from ineq.models.normalized import Normalized

TORCH = tuple(map(int, torch.__version__.split(".")[:2]))


def model_of(name: str) -> Normalized:
    """In float64: rounding in float32 switches a ReLU now and then, and with it a gradient."""
    architecture = {"name": name, "width": 64 if name.startswith("imagenet_") else 4, "channels": 3, "classes": 5}
    return Normalized(build(architecture), [0.4, 0.5, 0.6], [0.2, 0.2, 0.3]).double()


def images() -> torch.Tensor:
    return torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def train_a_step(model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad()
    functional.cross_entropy(model.train()(images()), torch.tensor([0, 1, 2])).backward()
    optimizer.step()


def logits_and_gradient(model: nn.Module) -> tuple[torch.Tensor, torch.Tensor]:
    given = images().requires_grad_()
    with evaluating(model):
        logits = model(given)
    return logits.detach(), torch.autograd.grad(logits[:, 1].sum(), given)[0]


@pytest.mark.parametrize("name", ["resnet8", "resnet18", "densenet40", "imagenet_resnet18"])
def test_the_twin_is_the_network_at_every_step(name: str) -> None:
    model = model_of(name)
    twin = FoldedModel(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
    for _ in range(2):
        train_a_step(model, optimizer)
        for ours, plain in zip(logits_and_gradient(twin.current()), logits_and_gradient(model), strict=True):
            torch.testing.assert_close(ours, plain, rtol=1e-8, atol=1e-8 * float(plain.abs().max()))
    norms = [sum(isinstance(layer, nn.BatchNorm2d) for layer in one.modules()) for one in (twin.current(), model)]
    assert norms[0] < norms[1] / (1 if name.startswith("densenet") else 10)


def test_a_classifier_with_batch_normalisation_is_followed_too() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 5), nn.BatchNorm1d(5)).double()
    twin = FoldedModel(model)
    train_a_step(model, torch.optim.SGD(model.parameters(), lr=0.05))
    if TORCH >= (2, 13):  # older ones leave it as it is
        assert "2" not in {node.target for node in twin.current().graph.nodes}  # type: ignore[union-attr]
    for ours, plain in zip(logits_and_gradient(twin.current()), logits_and_gradient(model), strict=True):
        torch.testing.assert_close(ours, plain)


class Branching(nn.Module):
    """What no tracer can follow."""

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        return given.mean((2, 3)) if given.sum() > 0 else given.amax((2, 3))


def test_what_cannot_be_folded_is_its_own_twin() -> None:
    """Masks are put on the weights in every pass: a copy of them would be that of the pass before."""
    masked = model_of("resnet8")
    prune.l1_unstructured(masked.network[3][0].conv1, "weight", 0.5)  # type: ignore[index]
    for model in (masked, Branching()):
        assert FoldedModel(model).current() is model


class Repeated(nn.Module):
    """A convolution that is called twice, by one name or two, before one batch normalisation, two, or none."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__()
        self.conv = self.other = nn.Conv2d(3, 3, 3, padding=1)
        self.norm1, self.norm2, self.none = nn.BatchNorm2d(3), nn.BatchNorm2d(3), nn.Identity()
        self.first, self.second = first, second

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        hidden = functional.relu(self.norm1(self.conv(images)))
        return getattr(self, self.second)(getattr(self, self.first)(hidden))


@pytest.mark.parametrize("first", ["conv", "other"])
@pytest.mark.parametrize("second", ["norm1", "norm2", "none"])
def test_a_layer_that_is_called_twice_is_not_folded_for_one_of_its_calls(first: str, second: str) -> None:
    network = Repeated(first, second).double()
    network.train()(images())
    network.eval()
    assert torch.equal(folded(network)(images()), network(images()))
