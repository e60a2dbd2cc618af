"""Checkpoints of third parties: only tensors are taken from them, and nothing that a pickle asks for is run."""

from __future__ import annotations

import pickle
import tarfile
import zipfile
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import IO, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import _utils

from ineq.errors import InputError, first_line
from ineq.models.architectures import build
from ineq.models.checkpoint import Tensors, check_tensors
from ineq.models.normalized import Normalized

CONTAINERS = ("model", "state_dict", "model_state_dict")
"""Keys under which trainers keep the weights, beside the optimiser's state, the epoch and the like."""
PREFIXES = ("module.model.", "module.", "model.", "")
"""What stands before a tensor's name where the network was trained inside another module, the longest first."""
NORMALISERS = ("module.normalizer.new_", "normalizer.new_")
"""What stands before `mean` and `std` where the library `robustness` keeps a normaliser beside the network."""
TOLERANCE = 1e-4
"""How far a normaliser may be from the card's: people round it."""
COUNTER = ".num_batches_tracked"
"""What a batch normalisation counts; torch wrote none before 2018, and nothing that is evaluated needs it."""


class _Inert:
    """Stands for any object that a checkpoint holds beside tensors: it takes everything, and does nothing."""

    def __new__(cls, *args: Any, **kwargs: Any) -> _Inert:
        return super().__new__(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def _ignore(self, *args: Any, **kwargs: Any) -> None: ...

    def __call__(self, *args: Any, **kwargs: Any) -> _Inert:
        return self

    __setstate__ = __setitem__ = append = extend = add = _ignore


# What a pickled tensor is made of. Storages are no entry: torch makes them itself, by their known names.
ALLOWED = {
    (entry.__module__, entry.__qualname__): entry
    for entry in (
        OrderedDict,
        torch.Size,
        _utils._rebuild_tensor,
        _utils._rebuild_tensor_v2,
        _utils._rebuild_parameter,
    )
}


class _Unpickler(pickle.Unpickler):
    """Finds what tensors are made of; whatever else a pickle names is not even imported."""

    def find_class(self, module: str, name: str) -> Any:
        return ALLOWED.get((module, name), _Inert)


def _load(file: IO[bytes], **options: Any) -> Any:
    return _Unpickler(file, **options).load()


PICKLE = ModuleType("inert_pickle", "What torch is told to unpickle with.")
PICKLE.Unpickler, PICKLE.load = _Unpickler, _load  # type: ignore[attr-defined]


def read_tensors(path: Path) -> Tensors:
    """The weights in a checkpoint of torch (old or new format) or safetensors, as they are named there.

    Raises `InputError`, naming the file, where it is missing, unreadable, or holds no plain tensors by name: a whole
    pickled module, a TorchScript program.
    """
    if not path.is_file():
        raise InputError(f"{path} is missing")
    content = _content(path)
    for key in CONTAINERS:
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping | _Inert):
            content = content[key]
    if not isinstance(content, Mapping):
        raise InputError(f"{path} holds a whole pickled object, expected tensors by name (a state dict)")
    tensors = {str(name): value for name, value in content.items() if isinstance(value, torch.Tensor)}
    if not tensors:
        raise InputError(f"{path} holds no tensors by name (a state dict)")
    return tensors


def _content(path: Path) -> Any:
    """What is pickled in the file, every object but tensors and plain values made inert."""
    with path.open("rb") as file:
        start = file.read(9)
    try:
        if start[8:] == b"{":
            return load_file(path)
        if zipfile.is_zipfile(path) and any(Path(name).name == "constants.pkl" for name in _names(path)):
            raise InputError(f"{path} is a TorchScript program, expected tensors by name (a state dict)")
        if tarfile.is_tarfile(path):
            raise InputError(f"{path} is a tar file of torch before 0.2, expected a newer checkpoint")
        return torch.load(path, map_location="cpu", pickle_module=PICKLE, weights_only=False)
    except InputError:
        raise
    except SafetensorError as error:
        raise InputError(f"{path} is not a readable safetensors file ({first_line(error)})") from None
    # Broken pickles raise anything: UnpicklingError, EOFError, RuntimeError, KeyError, AttributeError, TypeError.
    except Exception as error:
        raise InputError(f"{path} is not a readable checkpoint of torch ({first_line(error)})") from None


def _names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def load_foreign(
    path: Path, *, architecture: Mapping[str, Any], normalisation: Mapping[str, Sequence[float]]
) -> Normalized:
    """The model of a third party's checkpoint on the CPU, in eval mode.

    Prefixes such as `module.model.` are taken off, what is no part of the network is left, and a normaliser inside the
    checkpoint must be the card's. Raises `InputError`, naming the file, what was found and wanted, where tensors are
    missing, superfluous, of another shape or type, or not finite.
    """
    tensors = read_tensors(path)
    model = Normalized(build(architecture), normalisation["mean"], normalisation["std"])
    expected = model.network.state_dict()
    _check_normaliser(path, tensors, normalisation)
    weights = _without_prefix(path, tensors, set(expected))
    weights |= {name: expected[name] for name in expected if name.endswith(COUNTER) and name not in weights}
    check_tensors(path, weights, expected)
    model.network.load_state_dict(weights)
    return model.eval().requires_grad_(False)


def _without_prefix(path: Path, tensors: Tensors, names: set[str]) -> Tensors:
    """The tensors under the prefix that most of the network's names are found under."""
    groups = {
        prefix: {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
        for prefix in PREFIXES
    }
    prefix = max(groups, key=lambda one: len(names & set(groups[one])))
    if not names & set(groups[prefix]):
        known = ", ".join(f"'{one}'" for one in PREFIXES)
        raise InputError(
            f"{path}: none of its {len(tensors)} tensors, '{min(tensors)}' among them, is one of the network, such as "
            f"'{min(names)}', whichever of the prefixes {known} is taken off"
        )
    return groups[prefix]


def _check_normaliser(path: Path, tensors: Tensors, normalisation: Mapping[str, Sequence[float]]) -> None:
    """A network fed with another normalisation than it was trained with is another model."""
    for what, expected in normalisation.items():
        for name in (f"{prefix}{what}" for prefix in NORMALISERS if f"{prefix}{what}" in tensors):
            values = [round(value, 4) for value in tensors[name].flatten().tolist()]
            if len(values) != len(expected) or any(
                abs(a - b) > TOLERANCE for a, b in zip(values, expected, strict=True)
            ):
                raise InputError(f"{path} normalises with {what} {values}, but its card says {list(expected)}")
