"""RobustBench's zoo of robust models: what its own table says of one, without its loader, which unpickles."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ineq.errors import InputError, first_line, nearest, refuse_unknown

PACKAGE = "robustbench"
CLASSES = {"cifar10": 10, "cifar100": 100, "imagenet": 1000}
"""Its data sets."""
INSTALL = ".tools/bin/uv pip install --python .venv/bin/python"
"""What installs a package into the environment that `make env` makes, which has no pip of its own."""
NOT_BROUGHT = {"autoattack": "git+https://github.com/fra31/auto-attack", "pkg_resources": "'setuptools<81'"}
"""What its published wheels import and don't bring, and where it is."""
LAST = "last"
"""The state dict that its loader takes from files that have several."""


def is_of_zoo(architecture: str) -> bool:
    """Whether an architecture is one of the zoo's, which normalise images by themselves."""
    return architecture.startswith(f"{PACKAGE}.")


def entry(data_set: str, threat: str = "", model: str = "") -> Mapping[str, Any]:
    """What the table says of a model: `model`, which makes its network, and `gdrive_id`, where its one file lies.

    Raises `InputError` where the package is not installed, doesn't know the model, or has no single file for it.
    """
    models = _known(_known(_table(), "data set", data_set), "threat model", threat)
    if model not in models:
        raise InputError(
            f"RobustBench has no model '{model}' for {data_set} and {threat}, but {len(models)}{nearest(model, models)}"
        )
    files = models[model]["gdrive_id"]
    if not files or not isinstance(files, str):
        reason = f"is made of {len(files)} files" if files else "has no file of its own: timm or torchvision loads it"
        raise InputError(f"RobustBench's {model} {reason}, expected a model with one file")
    return models[model]


def weights_file(folder: Path, data_set: str, threat: str, model: str) -> Path:
    """The file of a model below `folder`, where robustbench itself keeps it; raises `InputError` if it isn't there."""
    file = folder / data_set / threat / f"{model}.pt"
    where = entry(data_set, threat, model)["gdrive_id"]
    if not file.is_file():
        raise InputError(
            f"{file} is missing: download it from https://drive.google.com/uc?id={where}, and put it there"
        )
    return file


def _table() -> Mapping[str, Any]:
    try:
        # By its name, so that the code digest of stages that never use it doesn't depend on whether it is there.
        table = importlib.import_module(f"{PACKAGE}.model_zoo").model_dicts
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        if package == PACKAGE:
            raise InputError(f"robustbench is not installed: `{INSTALL} {PACKAGE}`") from None
        source = NOT_BROUGHT.get(package, package)
        raise InputError(f"robustbench imports {package}, which its wheels don't bring: `{INSTALL} {source}`") from None
    # It imports much of other packages, whose versions may be any.
    except Exception as error:
        raise InputError(f"robustbench cannot be imported ({first_line(error)})") from None
    return table


def _known(table: Mapping[Any, Any], what: str, name: str) -> Any:
    """The entry of a table whose keys are members of an enumeration."""
    by_name = {str(getattr(key, "value", key)): value for key, value in table.items()}
    refuse_unknown(f"{what} of RobustBench", name, by_name)
    return by_name[name]
