"""What is audited: a checkpoint with its architecture and normalisation, and the images that it is evaluated on."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ineq.config.fields import NAME
from ineq.data.files import shown
from ineq.errors import InputError
from ineq.io.text import file_digest
from ineq.models import robustbench
from ineq.models.foreign_networks import MAKERS, card_name
from ineq.models.user_modules import user_modules
from ineq.provenance.code import meaning

WIDTH = 64
"""Channels of the first stage of this project's own architectures, unless others are asked for."""
LONGEST = 60
"""Characters of a model's name: it becomes a part of others."""
ZOO = f"{robustbench.PACKAGE}:"
"""What stands before the name of a model of RobustBench."""


@dataclass(frozen=True)
class Subject:
    """A model under audit: a state dict, of torch or safetensors, and the network that it belongs to."""

    checkpoint: Path
    architecture: str
    width: int = WIDTH
    called: str = ""
    folder: Path = Path(".")
    """Where a module of one's own lies, beside the installed ones."""

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
        return {"name": self.architecture, "channels": channels, "classes": classes, **width}

    def card(self, model: str, channels: int, classes: int, mean: Sequence[float], std: Sequence[float]) -> Any:
        """The model's card: nobody says how it was trained."""
        network = self.network(channels, classes)
        if self.module:
            network["source"] = _source(self.module)
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
    checkpoint: Path, architecture: str, width: int = WIDTH, called: str = "", zoo: Zoo | None = None
) -> Subject:
    """A model as it is asked for on the command line: a file with its architecture, or `robustbench:NAME` of `zoo`.

    `module:function` and `file.py:function` are `module.function`. It is `called` so, or else by its file's name.
    Raises `InputError` where there is no such file, or the name can't be a model's.
    """
    if str(checkpoint).startswith(ZOO):
        checkpoint, architecture = (zoo or Zoo()).model(str(checkpoint).removeprefix(ZOO))
    if not checkpoint.is_file():
        raise InputError(f"{checkpoint} is no file, expected a state dict, of torch or safetensors")
    code, _, function = architecture.rpartition(":")
    folder = Path(code).parent if code.endswith(".py") else Path(".")
    if code.endswith(".py"):
        if not Path(code).is_file():
            raise InputError(f"{code} is no file, expected Python code with the function '{function}'")
        architecture = f"{Path(code).stem}:{function}"
    model = Subject(checkpoint, card_name(architecture), width, called, folder)
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


def _source(module: str) -> str:
    """What the module's code means; inside `allowing` it is looked for where the user is, too."""
    try:
        with user_modules():
            spec = importlib.util.find_spec(module)
    except (ImportError, ValueError) as error:
        raise InputError(f"module '{module}' cannot be found ({error})") from None
    if spec is None or not spec.origin or not spec.origin.endswith(".py"):
        raise InputError(f"module '{module}' is not found here or among the installed packages")
    return meaning(Path(spec.origin))


def numbers(text: str | None, name: str) -> list[float] | None:
    """`0.49,0.48,0.45` as numbers; raises `InputError` for anything else."""
    if text is None:
        return None
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"{name} is '{text}', expected a number a channel, such as 0.49,0.48,0.45") from None


def space(
    options: Mapping[str, list[float] | None], channels: int, otherwise: Mapping[str, Any]
) -> dict[str, list[float]]:
    """Mean and std of the model's normalisation, one value a channel each."""
    if (options["mean"] is None) != (options["std"] is None):
        raise InputError("--mean is given without --std, or the other way round, expected both or neither")
    normalisation = {key: options[key] or list(otherwise[key]) for key in ("mean", "std")}
    for key, values in normalisation.items():
        if len(values) != channels:
            raise InputError(f"--{key} has {len(values)} values, expected {channels}, one a channel of the images")
    return normalisation
