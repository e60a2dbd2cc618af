"""Architectures: every entry of the table builds from its options and a seed, and from nothing else."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from ineq.errors import InputError
from ineq.models.architectures import ARCHITECTURES, BasicBlock, build
from ineq.models.normalized import Normalized

OPTIONS: dict[str, Any] = {"width": 4, "channels": 3, "classes": 7}


def options(name: str) -> dict[str, Any]:
    """Those of ImageNet's networks are given."""
    return {**OPTIONS, "width": 64} if name.startswith("imagenet_") else OPTIONS


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_maps_images_to_logits(name: str) -> None:
    network = build({"name": name, **options(name)}).eval()
    with torch.no_grad():
        assert network(torch.rand(2, 3, 16, 16)).shape == (2, 7)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_weights_depend_on_the_seed_alone(name: str) -> None:
    first = build({"name": name, **options(name)}, seed=1).state_dict()
    torch.manual_seed(99)
    second, other = (build({"name": name, **options(name)}, seed=seed).state_dict() for seed in (1, 2))
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert any(not torch.equal(first[key], other[key]) for key in first)


def test_the_global_generator_is_left_alone() -> None:
    before = torch.get_rng_state()
    build({"name": "resnet8", **OPTIONS}, seed=1)
    assert torch.equal(before, torch.get_rng_state())


def test_resnet18_is_the_one_customary_for_cifar() -> None:
    network = build({"name": "resnet18", "width": 64, "channels": 3, "classes": 10})
    assert sum(weights.numel() for weights in network.parameters()) == 11_173_962


@pytest.mark.parametrize(("outgoing", "stride"), [(6, 1), (12, 2)])
def test_the_residual_block_is_torchvisions(outgoing: int, stride: int) -> None:
    from torchvision.models.resnet import BasicBlock as Theirs
    from torchvision.models.resnet import conv1x1

    ours = BasicBlock(6, outgoing, stride).eval()
    shortcut = torch.nn.Sequential(conv1x1(6, outgoing, stride), torch.nn.BatchNorm2d(outgoing)) if stride > 1 else None
    theirs = Theirs(6, outgoing, stride, shortcut).eval()
    theirs.load_state_dict(ours.state_dict())
    images = torch.rand(3, 6, 8, 8)
    assert torch.equal(ours(images), theirs(images))


def test_the_densenets_are_those_customary_for_cifar() -> None:
    """Parameters of the networks that the paper of 2017 and its copies for CIFAR-10 count."""
    for name, width, count in (("densenet121", 32, 6_956_298), ("densenet40", 12, 176_122)):
        network = build({"name": name, "width": width, "channels": 3, "classes": 10})
        assert sum(weights.numel() for weights in network.parameters()) == count


@pytest.mark.parametrize(
    ("architecture", "sentence"),
    [
        ({"name": "resnet9", **OPTIONS}, "unknown architecture 'resnet9', expected one of .*did you mean 'resnet"),
        ({"name": "resnet8", **OPTIONS, "widht": 4}, "unknown option of architecture resnet8 'widht'.*'width'"),
        ({"name": "resnet8", "width": 4}, "resnet8 is given without channels, classes"),
        ({"name": "resnet8", **OPTIONS, "width": 0}, "option width of architecture resnet8 is 0"),
        ({"name": "imagenet_resnet18", **OPTIONS}, "architecture resnet18 has width 64 and 3 channels, found 4 and 3"),
        ({"name": "resnet8", **OPTIONS, "width": "4"}, "is '4', expected a whole number"),
    ],
)
def test_a_bad_architecture_is_one_sentence(architecture: dict, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        build(architecture)


def test_a_normalized_model_takes_pixels() -> None:
    model = Normalized(torch.nn.Flatten(), [0.5, 0.25], [0.5, 0.25])
    assert model(torch.ones(1, 2, 1, 1)).tolist() == [[1, 3]]
    assert model.mean.shape == model.std.shape == (1, 2, 1, 1)


@pytest.mark.parametrize(
    ("mean", "std", "sentence"),
    [
        ([0.5], [0.5, 0.5], "mean has 1 values and std 2"),
        ([0.5], [0.0], "every std above 0"),
        ([float("nan")], [1.0], "expected finite numbers"),
        ([], [], "one of each per channel"),
    ],
)
def test_a_normalisation_that_cannot_be_is_refused(mean: list[float], std: list[float], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Normalized(torch.nn.Flatten(), mean, std)
