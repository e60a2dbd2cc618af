"""The networks a model card can name, built with weights that depend on a seed and nothing else."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import nn

from ineq.errors import InputError, refuse_unknown
from ineq.extras import extra
from ineq.models.foreign_networks import card_name, foreign_network


class BasicBlock(nn.Module):
    """Two 3×3 convolutions with a shortcut around them (He et al., 2016), tensor by tensor named as in torchvision.

    Torchvision's own would be taken if importing it did not double the time that every stage takes to start.
    """

    def __init__(self, incoming: int, outgoing: int, stride: int = 1) -> None:
        super().__init__()
        # Made before the rest: weights are drawn in the order in which layers are made.
        changed = stride != 1 or incoming != outgoing
        shortcut = [_convolution(incoming, outgoing, 1, stride), nn.BatchNorm2d(outgoing)] if changed else []
        self.conv1 = _convolution(incoming, outgoing, 3, stride)
        self.bn1 = nn.BatchNorm2d(outgoing)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = _convolution(outgoing, outgoing, 3)
        self.bn2 = nn.BatchNorm2d(outgoing)
        self.downsample = nn.Sequential(*shortcut)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(N, incoming, H, W) to (N, outgoing, H/stride, W/stride)."""
        hidden = self.relu(self.bn1(self.conv1(features)))
        return self.relu(self.bn2(self.conv2(hidden)) + self.downsample(features))


def _convolution(incoming: int, outgoing: int, size: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(incoming, outgoing, size, stride, padding=size // 2, bias=False)


def small_resnet(stages: Sequence[int], *, width: int, channels: int, classes: int) -> nn.Module:
    """A residual network for small images: 3×3 stem, no max-pooling, (N, channels, H, W) to logits (N, classes).

    `stages` holds the number of blocks at widths `width`, 2·`width`, 4·`width`, …; every stage but the first halves
    H and W. With stages (2, 2, 2, 2) and width 64 it is the ResNet-18 customary for CIFAR-10.
    """
    layers: list[nn.Module] = [_convolution(channels, width, 3), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
    incoming = width
    for stage, blocks in enumerate(stages):
        outgoing = width * 2**stage
        layers.append(_stage(incoming, outgoing, blocks, stride=1 if stage == 0 else 2))
        incoming = outgoing
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(incoming, classes))
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return network


def _stage(incoming: int, outgoing: int, blocks: int, stride: int) -> nn.Sequential:
    """`blocks` residual blocks, of which the first changes the width and the size."""
    first = BasicBlock(incoming, outgoing, stride)
    return nn.Sequential(first, *(BasicBlock(outgoing, outgoing) for _ in range(blocks - 1)))


def small_densenet(blocks: Sequence[int], *, width: int, channels: int, classes: int) -> nn.Module:
    """A densely connected network (Huang et al., 2017) for small images: (N, channels, H, W) to logits (N, classes).

    `blocks` holds the number of layers of each dense block, each layer adding `width` channels (the growth rate) to the
    2·`width` of the 3×3 stem. Between blocks the channels, H and W are halved. With (6, 12, 24, 16) and width 32 it is
    the DenseNet-121 customary for CIFAR-10; with (6, 6, 6) the DenseNet-BC of 40 layers.
    """
    with extra("workflow", "a DenseNet"):
        from torchvision.models.densenet import _DenseBlock, _Transition  # only here: see BasicBlock

    features = 2 * width
    layers: list[nn.Module] = [_convolution(channels, features, 3)]
    for block, count in enumerate(blocks):
        if block:
            layers.append(_Transition(features, features // 2))
            features //= 2
        layers.append(_DenseBlock(count, features, bn_size=4, growth_rate=width, drop_rate=0))
        features += count * width
    layers += [nn.BatchNorm2d(features), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    network = nn.Sequential(*layers, nn.Linear(features, classes))
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight)
    return network


def torchvision_resnet(name: str, *, width: int, channels: int, classes: int) -> nn.Module:
    """Torchvision's own network for ImageNet: (N, 3, H, W) to logits (N, classes); its width is 64."""
    with extra("workflow", f"architecture {name}"):
        from torchvision import models  # only here: see BasicBlock

    if (width, channels) != (64, 3):
        raise InputError(f"architecture {name} has width 64 and 3 channels, found {width} and {channels}")
    return models.get_model(name, weights=None, num_classes=classes)


ARCHITECTURES: dict[str, Callable[..., nn.Module]] = {
    "resnet8": partial(small_resnet, (1, 1, 1)),
    "resnet18": partial(small_resnet, (2, 2, 2, 2)),
    "densenet40": partial(small_densenet, (6, 6, 6)),
    "densenet121": partial(small_densenet, (6, 12, 24, 16)),
    **{f"imagenet_{name}": partial(torchvision_resnet, name) for name in ("resnet18", "resnet50", "wide_resnet50_2")},
}


def build(architecture: Mapping[str, Any], seed: int = 0) -> nn.Module:
    """The network of ``{"name": "resnet8", "width": 16, "channels": 1, "classes": 10}``, its weights drawn from `seed`.

    A name with a dot in it is another package's: see `foreign_network`, and `card_name` for how it may be written;
    `source` is of no meaning here. torch's global
    generators are left as they were. Raises `InputError` for an unknown name, a missing or unknown option, and an
    option that is not a whole number above 0.
    """
    options = {key: value for key, value in architecture.items() if key != "source"}
    name = card_name(str(options.pop("name", "")))
    if "." not in name:
        refuse_unknown("architecture", name, ARCHITECTURES)
    make = partial(foreign_network, name) if "." in name else ARCHITECTURES[name]
    _check_options(name, make, options)
    with torch.random.fork_rng(devices=[]):
        # torch.manual_seed would also reseed the GPUs, which are not forked.
        torch.default_generator.manual_seed(seed)
        return make(**options)


def _check_options(name: str, make: Callable[..., nn.Module], options: Mapping[str, Any]) -> None:
    """Refuse options that the architecture does not have, lacks, or cannot use."""
    parameters = inspect.signature(make).parameters
    for option, value in options.items():
        refuse_unknown(f"option of architecture {name}", option, parameters)
        if type(value) is not int or value < 1:
            raise InputError(f"option {option} of architecture {name} is {value!r}, expected a whole number above 0")
    if missing := sorted(set(parameters) - set(options)):
        raise InputError(f"architecture {name} is given without {', '.join(missing)}, expected {', '.join(parameters)}")
