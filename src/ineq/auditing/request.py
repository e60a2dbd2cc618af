"""What is audited: a checkpoint with its architecture and normalisation, and the images that it is evaluated on."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from ineq.config.fields import NAME
from ineq.data.files import shown
from ineq.errors import InputError
from ineq.io.text import file_digest
from ineq.models import robustbench
from ineq.models.foreign_networks import MAKERS, card_name
from ineq.models.foreign_space import carried_normalisation, check_asked
from ineq.models.normalized import for_each
from ineq.models.user_modules import user_modules
from ineq.provenance.code import meaning, meaning_with_neighbours

WIDTH = 64
"""Channels of the first stage of this project's own architectures, unless others are asked for."""
LONGEST = 60
"""Characters of a model's name: it becomes a part of others."""
ZOO = f"{robustbench.PACKAGE}:"
"""What stands before the name of a model of RobustBench."""
Space = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Subject:
    """A model under audit: a state dict, of torch or safetensors, and the network that it belongs to."""

    checkpoint: Path
    architecture: str
    width: int = WIDTH
    called: str = ""
    folder: Path = Path(".")
    """Where a module of one's own lies, beside the installed ones."""
    space: Space | None = None
    """What it is told to subtract and divide by, `mean` and `std`, a number a channel or one for all."""

    @property
    def name(self) -> str:
        """As it is called, else the file's name, as far as a model may be called so."""
        return self.called or re.sub(r"[^A-Za-z0-9_.-]+", "-", self.checkpoint.stem).lstrip("_.-")[:LONGEST]

    @property
    def module(self) -> str:
        """The module of one's own that builds the network; empty for a package's or this project's network."""
        package = self.architecture.partition(".")[0]
        return "" if package in MAKERS else self.architecture.rpartition(".")[0]

    def network(self, channels: int, classes: int) -> dict[str, Any]:
        """Its architecture, as a card has it."""
        width = {} if "." in self.architecture else {"width": self.width}
        if robustbench.is_of_zoo(self.architecture):
            classes = robustbench.CLASSES[self.architecture.split(".")[1]]
        return {"name": self.architecture, "channels": channels, "classes": classes, **width}

    def stated(self, channels: int) -> dict[str, list[float]] | None:
        """What it subtracts and divides by, a number a channel: as it is told, else as its file says; else None.

        Raises `InputError` where the file says something else than it is told, or the numbers don't fit the images.
        """
        network = self.network(channels, classes=2)  # what is asked here depends on no number of classes
        if self.space is None:
            carried = carried_normalisation(self.checkpoint, network)
            return dict(zip(("mean", "std"), carried, strict=True)) if carried else None
        spread = {key: for_each(values, channels) for key, values in self.space.items()}
        for key, values in spread.items():
            if len(values) != channels:
                raise InputError(
                    f"{self.checkpoint}: {key} has {len(values)} values for images of {channels} channels, "
                    "expected one for each, or one for all"
                )
        check_asked(self.checkpoint, network, spread, "--mean or --std says")
        return spread

    def card(self, model: str, channels: int, classes: int, mean: Sequence[float], std: Sequence[float]) -> Any:
        """The model's card: nobody says how it was trained."""
        network = self.network(channels, classes)
        if self.module:
            network["source"] = _source(self.module, self.folder.resolve())
        return {
            "title": f"{model}, under audit",
            "family": model,
            "licence": "its owner's",
            "weights": "convert",
            "architecture": network,
            "normalisation": {"mean": list(mean), "std": list(std)},
            "train": {"seed": 0, "norm": "unknown", "epsilon": 0, "steps": 0, "cutout": 0},
            "origin": {
                "made": f"not by this project: {shown(self.checkpoint.name)}",
                "sha256": file_digest(self.checkpoint),
                "accuracy": None,
            },
        }


@dataclass(frozen=True)
class Zoo:
    """Which table of RobustBench's a model is in, and the folder that its files are below."""

    data_set: str = "cifar10"
    threat: str = "Linf"
    folder: Path = Path("models")

    def model(self, name: str) -> tuple[Path, str]:
        """A model's file and architecture. Raises `InputError` where there is none of that name, or no file of it."""
        place = (self.data_set, self.threat, name)
        return robustbench.weights_file(self.folder, *place), ".".join([robustbench.PACKAGE, *place])


def subject(
    checkpoint: Path,
    architecture: str,
    width: int = WIDTH,
    called: str = "",
    space: Space | None = None,
    zoo: Zoo | None = None,
) -> Subject:
    """A model as it is asked for on the command line: a file with its architecture, or `robustbench:NAME` of `zoo`.

    `module:function` and `file.py:function` are `module.function`. It is `called` so, or else by its file's name.
    Raises `InputError` where there is no such file, or the name can't be a model's.
    """
    if str(checkpoint).startswith(ZOO):
        checkpoint, architecture = (zoo or Zoo()).model(str(checkpoint).removeprefix(ZOO))
    if not checkpoint.is_file():
        raise InputError(f"{checkpoint} is no file, expected a state dict, of torch or safetensors")
    architecture, folder = _code(architecture)
    model = Subject(checkpoint, card_name(architecture), width, called, folder, space)
    if called and (not re.fullmatch(NAME, called) or len(called) > LONGEST):
        raise InputError(
            f"a model cannot be called '{shown(called)}', expected up to {LONGEST} of a-z, A-Z, 0-9 and . _ -, "
            "the first a letter or digit"
        )
    if not model.name:
        raise InputError(
            f"{shown(checkpoint.name)} has no letter a-z or digit before its ending, to call the model by, expected "
            "a name by --model-name, or --second-name for the second model"
        )
    if not re.fullmatch(NAME, model.architecture):
        raise InputError(
            f"--architecture is '{architecture}', expected torchvision.NAME, timm.NAME, module:function, "
            "file.py:function, or one of this project's"
        )
    return model


def _code(architecture: str) -> tuple[str, Path]:
    """`folder/file.py:function` as `file:function` and its folder; anything else as it is, with the current one."""
    code, _, function = architecture.rpartition(":")
    if not code.endswith(".py"):
        return architecture, Path(".")
    path = Path(code)
    if not path.is_file():
        raise InputError(f"{code} is no file, expected Python code with the function '{function}'")
    if "." in path.stem:
        raise InputError(f"{code} has a dot in its name, expected one that Python can import, such as my_net.py")
    return f"{path.stem}:{function}", path.parent


Told = tuple[Path | None, str, str, str | None, str | None]
"""What a command says of a model: its checkpoint, architecture, name, mean and std."""


def pair(first: Told, second: Told, width: int, zoo: Zoo | None = None) -> list[Subject]:
    """The models of a command; the second, where there is one, is as the first in what isn't said of it."""
    assert first[0] is not None
    normalisation = space(*first[3:])
    subjects = [subject(first[0], first[1], width, first[2], normalisation, zoo)]
    if second[0]:
        normalisation = space(*second[3:], "--second-") or normalisation
        subjects.append(subject(second[0], second[1] or first[1], width, second[2], normalisation, zoo))
        one, other = subjects
        if one.module and one.module == other.module and one.folder.resolve() != other.folder.resolve():
            raise InputError(
                f"both networks are of a module '{one.module}', in {one.folder} and in {other.folder}, expected files "
                "of two names: Python knows one of each"
            )
    elif any(value is not None for value in second[3:]):
        raise InputError(
            "--second-mean and --second-std are given without --second, expected the model that they are of"
        )
    return subjects


def _source(module: str, folder: Path) -> str:
    """What the module's code means, with what it imports from the user's folder `folder`.

    Inside `allowing` it is looked for where the user is, too.
    """
    try:
        with user_modules():
            spec = importlib.util.find_spec(module)
    except (ImportError, ValueError) as error:
        raise InputError(f"module '{module}' cannot be found ({error})") from None
    if spec is None or not spec.origin or not spec.origin.endswith(".py"):
        raise InputError(f"module '{module}' is not found here or among the installed packages")
    path = Path(spec.origin).absolute()
    # As it is imported: where a link leads, what is beside it doesn't count.
    place = path.parent if path.name == "__init__.py" else path
    top = place.parents[module.count(".")]
    return meaning_with_neighbours(path, top) if top.resolve() == folder else meaning(path)


def space(mean: str | None, std: str | None, whose: str = "--") -> Space | None:
    """`0.49,0.48,0.45` and such as mean and std; None where neither is told.

    `whose` is what the names of the options begin with. Raises `InputError` for one without the other, and no numbers.
    """
    texts = {"mean": mean, "std": std}
    values = {key: _numbers(text, f"{whose}{key}") for key, text in texts.items() if text is not None}
    if len(values) == 1:
        raise InputError(f"{whose}mean is given without {whose}std, or the other way round, expected both or neither")
    return values or None


def _numbers(text: str, name: str) -> list[float]:
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"{name} is '{text}', expected a number a channel, such as 0.49,0.48,0.45, or one") from None
    if not all(map(isfinite, values)) or (name.endswith("std") and min(values) <= 0):
        raise InputError(f"{name} is '{text}', expected finite numbers{', above 0' * name.endswith('std')}")
    return values
