"""Networks as people bring them: those that can be measured, and those that are refused, each with its sentence."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional

X = torch.from_numpy(np.random.default_rng(0).random((4, 3, 4, 4), np.float32))
"""Images that all of them are asked about."""


def plain() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(48, 5)).eval()


def convolutional(*layers: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3), *layers, nn.Flatten(), nn.Linear(32, 5)).eval()


class Network(nn.Module):
    """A network of which a test says what its forward pass does with `net`."""

    def __init__(self, forward: Callable[[nn.Module, torch.Tensor], Any]) -> None:
        super().__init__()
        self.net, self.does = plain(), forward
        self.register_buffer("count", torch.zeros(3))

    def forward(self, images: torch.Tensor) -> Any:
        return self.does(self, images)


def net(forward: Callable[[Any, torch.Tensor], Any]) -> Callable[[], nn.Module]:
    return lambda: Network(forward)


def drifted(model: Network) -> torch.Tensor:
    return model.net[1].weight.data.mul_(0.999)  # type: ignore[index,operator]


def raising(error: BaseException) -> Callable[[], nn.Module]:
    def forward(model: nn.Module, images: torch.Tensor) -> None:
        raise error

    return net(forward)


class HuggingFace(NamedTuple):
    """What models of that library answer."""

    loss: None
    logits: torch.Tensor


class Stubborn(nn.BatchNorm2d):
    def train(self, mode: bool = True) -> nn.Module:
        return super().train(True)


def dropout() -> nn.Module:
    return convolutional(nn.BatchNorm2d(8), nn.Dropout()).train()


def exported(model: nn.Module) -> nn.Module:
    several = {0: torch.export.Dim("images")}
    return torch.export.export(model, (X,), dynamic_shapes=(several,)).module()


TAKEN: dict[str, Callable[[], Any]] = {
    "a first layer in place": lambda: nn.Sequential(nn.ReLU(inplace=True), plain()),
    "a mean that is subtracted in place": net(lambda self, x: self.net(x.sub_(0.5).div_(0.25))),
    "pixels that are set": net(lambda self, x: self.net(x.clamp_(0.2, 0.8))),
    "frozen": lambda: plain().requires_grad_(False),
    "in training mode": dropout,
    "instance normalisation": lambda: convolutional(nn.InstanceNorm2d(8)),
    "scripted, in training mode": lambda: torch.jit.script(dropout()),
    "traced": lambda: torch.jit.trace(plain(), X),
    "frozen by TorchScript, without a training flag": lambda: torch.jit.freeze(torch.jit.script(plain())),
    "exported": lambda: exported(plain()),
    "torch.fx": lambda: torch.fx.symbolic_trace(dropout()),
    "half precision inside": net(lambda self, x: copy.deepcopy(self.net).half()(x.half())),
    "an object with logits": net(lambda self, x: HuggingFace(None, self.net(x))),
    "gradients where none are asked for": net(torch.enable_grad()(lambda self, x: self.net(x))),
}
NO_MODULE = "expected a torch.nn.Module, itself and not its state dict or a function"
NO_LOGITS = r"for images of shape \(1, 3, 4, 4\), expected logits \(1, classes\), real numbers for at least 2 classes"
REFUSES = r"the model refuses images of shape \(1, 3, 4, 4\), float32: "
AT_RANDOM = "the model answers at random, expected the same answer for the same image"
BATCH = "the model's answer for an image depends on the others in the batch"
REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "a function": (lambda: lambda images: plain()(images), f"model is of type function, {NO_MODULE}"),
    "a bound method": (lambda: plain().forward, f"model is of type method, {NO_MODULE}"),
    "a class": (lambda: nn.Identity, f"model is the class Identity, {NO_MODULE}"),
    "a state dict": (lambda: plain().state_dict(), f"model is of type OrderedDict, {NO_MODULE}"),
    "nothing": (lambda: None, f"model is of type NoneType, {NO_MODULE}"),
    "a name": (lambda: "resnet18", f"model is of type str, {NO_MODULE}"),
    "exported, not its module": (lambda: torch.export.export(plain(), (X,)), "model is of type ExportedProgram"),
    "exported for one batch size": (lambda: torch.export.export(plain(), (X,)).module(), REFUSES),
    "torchvision's ViT": (raising(AssertionError("Wrong image height!")), REFUSES + "Wrong image height!$"),
    "Hugging Face's ViT": (raising(ValueError("size (4*4) doesn't match")), REFUSES + r"size \(4\*4\) doesn't match$"),
    "an error without words": (raising(AssertionError()), REFUSES + "AssertionError$"),
    "a missing key": (raising(KeyError("mask")), REFUSES + "KeyError: 'mask'$"),
    "a module without forward": (nn.Module, REFUSES + "NotImplementedError: "),
    "scripted, for other sizes": (
        lambda: torch.jit.script(nn.Sequential(nn.Flatten(), nn.Linear(7, 5))),
        REFUSES + ".*shapes cannot be multiplied",
    ),
    "weights in half precision": (lambda: plain().half(), REFUSES + ".*dtype"),
    "weights in double precision": (lambda: plain().double(), REFUSES + ".*dtype"),
    "a tuple": (net(lambda self, x: (self.net(x), None)), f"gives a tuple {NO_LOGITS}"),
    "a dict": (net(lambda self, x: {"out": self.net(x)}), f"gives a dict {NO_LOGITS}"),
    "an object without logits": (net(lambda self, x: HuggingFace(None, None)), f"gives a NoneType {NO_LOGITS}"),  # type: ignore[arg-type]
    "complex logits": (net(lambda self, x: self.net(x) * 1j), rf"gives \(1, 5\) of torch.complex64 {NO_LOGITS}"),
    "one class": (net(lambda self, x: self.net(x)[:, :1]), rf"gives \(1, 1\) of torch.float32 {NO_LOGITS}"),
    "classes, not logits": (net(lambda self, x: self.net(x).argmax(1)), rf"gives \(1,\) of torch.int64 {NO_LOGITS}"),
    "sparse logits": (net(lambda self, x: self.net(x).to_sparse()), NO_LOGITS),
    "on the meta device": (lambda: plain().to("meta"), "images are on cpu, expected meta, as the model"),
    "lazy": (
        lambda: nn.Sequential(nn.Flatten(), nn.LazyLinear(5)),
        "the model's 1.weight has no shape yet, expected a model that has seen a batch of images",
    ),
    "dropout that is always on": (net(lambda self, x: functional.dropout(self.net(x))), AT_RANDOM),
    "noise of another generator": (
        net(lambda self, x: self.net(x + 0.1 * np.random.default_rng().random())),
        AT_RANDOM,
    ),
    "traced in training mode": (
        lambda: torch.jit.trace(nn.Sequential(nn.Dropout(), plain()).train(), X, check_trace=False),
        AT_RANDOM,
    ),
    "no running statistics": (lambda: convolutional(nn.BatchNorm2d(8, track_running_stats=False)), BATCH),
    "batch normalisation that stays in training mode": (lambda: convolutional(Stubborn(8)), BATCH),
    "images less their mean": (net(lambda self, x: self.net(x - x.mean(0))), BATCH),
    "a counter": (net(lambda self, x: self.net(x) + 0 * self.count.add_(1).sum()), "changes its 'count'"),
    "weights that drift": (net(lambda self, x: self.net(x) + 0 * drifted(self).sum()), "changes its 'weight'"),
    "a buffer that grows": (
        net(lambda self, x: self.net(x) + 0 * self.count.resize_(7).fill_(1).sum()),
        "changes its 'count'",
    ),
    "a moving average": (
        net(lambda self, x: setattr(self, "count", self.count + x.mean((0, 2, 3)).detach()) or self.net(x)),
        "changes its 'count' in eval mode, expected one that stays as it is",
    ),
}  # fmt: skip
if not torch.__version__.startswith("2.2."):  # which exports none for any number of images in training mode
    REFUSED["exported in training mode"] = (lambda: exported(dropout()), AT_RANDOM)
NO_GRADIENT: dict[str, Callable[[], Any]] = {
    "@torch.no_grad() on forward": net(torch.no_grad()(lambda self, x: self.net(x))),
    "@torch.inference_mode() on forward": net(torch.inference_mode()(lambda self, x: self.net(x))),
    "bytes inside": net(lambda self, x: self.net((x * 255).byte() / 255)),
    "detached": net(lambda self, x: self.net(x.detach())),
    "numpy inside": net(lambda self, x: self.net(torch.from_numpy(np.clip(x.numpy(), 0, 1)))),
    "one-hot classes": net(lambda self, x: functional.one_hot(self.net(x).argmax(1), 5)),
    "what a gradient needs, overwritten": net(lambda self, x: self.net(x.exp().mul_(2))),
    "quantised": lambda: torch.ao.quantization.quantize_dynamic(plain(), {nn.Linear}, torch.qint8),
}
