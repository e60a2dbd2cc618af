"""Networks that other packages build: torchvision's, timm's, and functions of one's own, if their user allows them."""

from __future__ import annotations

import importlib
import inspect
import os
from collections.abc import Callable
from typing import Any

from torch import nn

from ineq.errors import InputError, first_line, nearest
from ineq.extras import extra

ALLOWED = "INEQ_ALLOW_CODE"
"""The environment variable that names the modules whose functions a card may call, with colons between."""
CLASSES, CHANNELS = ("num_classes", "classes"), ("in_chans", "in_channels", "channels")
"""What functions call the number of classes, and of the images' channels."""


def foreign_network(name: str, *, channels: int, classes: int) -> nn.Module:
    """The network `torchvision.NAME`, `timm.NAME` or `module.function`, untrained: (N, channels, H, W) to (N, classes).

    A function of one's own is told the number of classes and channels if it has parameters of such names. Raises
    `InputError` for a name that is unknown or not allowed, a package that is not installed, and a function that fails.
    """
    module, _, function = name.rpartition(".")
    return MAKERS.get(module, _from_module)(name, module, function, channels, classes)


def _torchvision(name: str, module: str, function: str, channels: int, classes: int) -> nn.Module:
    with extra("workflow", f"architecture '{name}'"):
        from torchvision import models  # only here: importing it doubles the time that every stage takes to start

    known = models.list_models(module=models)
    if function not in known:
        raise InputError(f"unknown architecture '{name}': torchvision has {len(known)}{nearest(function, known)}")
    if channels != 3:
        raise InputError(f"architecture '{name}' takes images of 3 channels, the study's have {channels}")
    return _called(name, lambda: models.get_model(function, weights=None, num_classes=classes))


def _timm(name: str, module: str, function: str, channels: int, classes: int) -> nn.Module:
    try:
        # By its name, so that the code digest of stages that never use it doesn't depend on whether it is there.
        timm = importlib.import_module("timm")
    except ImportError:
        raise InputError(f"architecture '{name}': timm is not installed (`uv pip install timm`)") from None
    if not timm.is_model(function):
        raise InputError(f"unknown architecture '{name}': timm has none of this name")
    return _called(name, lambda: timm.create_model(function, num_classes=classes, in_chans=channels))


def _from_module(name: str, module: str, function: str, channels: int, classes: int) -> nn.Module:
    # A card comes with a study, which may be somebody else's: what it names runs only if its user says so.
    if module not in os.environ.get(ALLOWED, "").split(":"):
        raise InputError(
            f"architecture '{name}' is code of the module '{module}', which is not allowed to run: "
            f"export {ALLOWED}={module} if you trust it"
        )
    try:
        make = getattr(importlib.import_module(module), function)
    except Exception as error:
        raise InputError(f"architecture '{name}' cannot be imported ({first_line(error)})") from None
    parameters = inspect.signature(make).parameters
    options = {key: classes for key in CLASSES if key in parameters}
    options |= {key: channels for key in CHANNELS if key in parameters}
    network = _called(name, lambda: make(**options))
    if not isinstance(network, nn.Module):
        raise InputError(f"architecture '{name}' gives a {type(network).__name__}, expected a torch.nn.Module")
    return network


def _called(name: str, make: Callable[[], Any]) -> Any:
    try:
        return make()
    # It is not ours: it may raise anything.
    except Exception as error:
        raise InputError(f"architecture '{name}' cannot be built ({first_line(error)})") from None


MAKERS = {"torchvision": _torchvision, "timm": _timm}
