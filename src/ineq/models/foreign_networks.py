"""Networks of torchvision, timm and RobustBench, and of functions of one's own, if their user allows them."""

from __future__ import annotations

import importlib
import inspect
import os
import re
from collections.abc import Callable
from typing import Any

from torch import nn

from ineq.data.checks import lazy_tensor
from ineq.errors import InputError, first_line, nearest
from ineq.extras import extra
from ineq.models import robustbench
from ineq.models.names import tails
from ineq.models.user_modules import no_arguments, user_modules

ALLOWED = "INEQ_ALLOW_CODE"
"""The environment variable that names the modules whose functions a card may call, with colons between."""
CLASSES, CHANNELS = ("num_classes", "classes"), ("in_chans", "in_channels", "channels")
"""What functions call the number of classes, and of the images' channels."""


def card_name(text: str) -> str:
    """A network's name as a card has it, with dots only: of `timm/resnet18.a1_in1k`, `module:function` and the like.

    Raises `InputError` for an address of weights to download.
    """
    if match := re.match("(hf[-_]hub|local-dir):(?:timm/)?(.*)", text):
        network = "NAME" if "/" in match[2] else match[2]
        raise InputError(
            f"architecture '{text}' names weights to download, which this project doesn't do, expected "
            f"timm.{network} and the weights as a file"
        )
    package, _, rest = re.sub("[:/]", ".", text, count=1).partition(".")
    if package.lower() in MAKERS:
        return f"{package.lower()}.{re.sub('[:/]', '.', rest)}"
    return text.replace(":", ".")


def foreign_network(name: str, *, channels: int, classes: int) -> nn.Module:
    """The network `torchvision.NAME`, `timm.NAME`, `robustbench.DATASET.THREAT.NAME` or `module.function`, untrained.

    It maps (N, channels, H, W) to (N, classes). NAME may have capital letters, modules before it as in `models.NAME`,
    and timm's a tag after it. A function of one's own is told the number of classes and channels if it has parameters
    of such names. Raises `InputError` for a name that is unknown or not allowed, a package that is not installed, and a
    function that fails.
    """
    package, _, rest = name.partition(".")
    return MAKERS.get(package, _from_module)(name, rest, channels, classes)


def _torchvision(name: str, rest: str, channels: int, classes: int) -> nn.Module:
    with extra("workflow", f"architecture '{name}'"):
        from torchvision import models  # only here: importing it doubles the time that every stage takes to start

    known = models.list_models(module=models)
    function, _ = _spelled(rest, known.__contains__)
    if not function:
        raise InputError(f"unknown architecture '{name}': torchvision has {len(known)}{nearest(_tail(rest), known)}")
    if channels != 3:
        raise InputError(f"architecture '{name}' takes images of 3 channels, the study's have {channels}")
    return _called(name, lambda: models.get_model(function, weights=None, num_classes=classes))


def _timm(name: str, rest: str, channels: int, classes: int) -> nn.Module:
    try:
        # By its name, so that the code digest of stages that never use it doesn't depend on whether it is there.
        timm = importlib.import_module("timm")
    except ImportError:
        raise InputError(f"architecture '{name}': timm is not installed: `{robustbench.INSTALL} timm`") from None
    function, tag = _spelled(rest, timm.is_model)
    if not function:
        known = timm.list_models()
        raise InputError(f"unknown architecture '{name}': timm has {len(known)}{nearest(_tail(rest), known)}")
    return _called(name, lambda: timm.create_model(function + tag, num_classes=classes, in_chans=channels))


def _spelled(rest: str, is_known: Callable[[str], bool]) -> tuple[str, str]:
    """A package's own spelling of a name, and a tag with its dot; the modules that it lies in may stand before it."""
    for tail in tails(rest):
        function, dot, tag = tail.partition(".")
        if is_known(spelled := function.lower().replace("-", "_")):
            return spelled, dot + tag
    return "", ""


def _tail(rest: str) -> str:
    return rest.removeprefix("models.").lower()


def _robustbench(name: str, rest: str, channels: int, classes: int) -> nn.Module:
    data_set, _, place = rest.partition(".")
    entry = robustbench.entry(data_set, *place.split(".", 1))
    if (channels, classes) != (3, robustbench.CLASSES[data_set]):
        raise InputError(
            f"architecture '{name}' takes 3 channels and has {robustbench.CLASSES[data_set]} classes, found "
            f"{channels} and {classes}"
        )
    return _called(name, entry["model"])


def _from_module(name: str, rest: str, channels: int, classes: int) -> nn.Module:
    module, _, function = name.rpartition(".")
    # A card comes with a study, which may be somebody else's: what it names runs only if its user says so.
    if module not in os.environ.get(ALLOWED, "").split(":"):
        raise InputError(
            f"architecture '{name}' is code of the module '{module}', which is not allowed to run: "
            f"export {ALLOWED}={module} if you trust it"
        )
    with user_modules(), no_arguments(module):
        make = _imported(name, module, function)
        try:
            parameters = inspect.signature(make).parameters
        except ValueError:  # some of what is compiled doesn't say
            parameters = {}
        options = {key: classes for key in CLASSES if key in parameters}
        options |= {key: channels for key in CHANNELS if key in parameters}
        network = _called(name, lambda: make(**options))
    if not isinstance(network, nn.Module):
        raise InputError(f"architecture '{name}' gives a {type(network).__name__}, expected a torch.nn.Module")
    if lazy := lazy_tensor(network):
        raise InputError(
            f"architecture '{name}' has a {type(lazy[1]).__name__}, which has no size before it has seen a batch, "
            "expected a layer that is told how many inputs it has"
        )
    return network


def _imported(name: str, module: str, function: str) -> Callable[..., Any]:
    """What a module of one's own has under this name, if it can be called to make networks."""
    try:
        make = getattr(importlib.import_module(module), function)
    except SystemExit as end:
        raise InputError(_ends(name, end, "is imported", "a module that only defines things")) from None
    except Exception as error:
        raise InputError(f"architecture '{name}' cannot be imported ({first_line(error)})") from None
    if isinstance(make, nn.Module) or not callable(make):
        raise InputError(
            f"architecture '{name}' is no function ({type(make).__name__}), expected one that makes a network"
        )
    return make


def _called(name: str, make: Callable[[], Any]) -> Any:
    try:
        return make()
    except SystemExit as end:
        raise InputError(_ends(name, end, "is built", "a function that returns the network")) from None
    # It is not ours: it may raise anything.
    except Exception as error:
        raise InputError(f"architecture '{name}' cannot be built ({first_line(error)})") from None


def _ends(name: str, end: SystemExit, when: str, instead: str) -> str:
    said = (str(end).splitlines() or ["no code"])[0]
    return f"architecture '{name}' ends the program (SystemExit: {said}) when it {when}, expected {instead}"


MAKERS = {"torchvision": _torchvision, "timm": _timm, "robustbench": _robustbench}
"""What builds the networks of packages that need no permission."""
