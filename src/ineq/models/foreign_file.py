"""What is in a checkpoint of third parties: tensors and plain values, and nothing that a pickle asks for is run."""

from __future__ import annotations

import json
import pickle
import tarfile
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import IO, Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import _utils

from ineq.errors import InputError, first_line

METADATA = "__metadata__"
"""The key for what a safetensors file says of itself."""


class _Inert:
    """Stands for any object that a checkpoint holds beside tensors: it takes everything, and does nothing."""

    def __new__(cls, *args: Any, **kwargs: Any) -> _Inert:
        return super().__new__(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def _ignore(self, *args: Any, **kwargs: Any) -> None: ...

    def __call__(self, *args: Any, **kwargs: Any) -> _Inert:
        return self

    __setstate__ = __setitem__ = append = extend = add = _ignore


def _parameter(data: torch.Tensor, requires_grad: bool, hooks: Any, state: Any) -> torch.Tensor:
    """A parameter without what its owner had noted on it."""
    return data


# What a pickled tensor is made of. Storages are no entry: torch makes them itself, by their known names.
ALLOWED: Mapping[tuple[str, str], Any] = {
    (entry.__module__, entry.__qualname__): entry
    for entry in (
        OrderedDict,
        torch.Size,
        _utils._rebuild_tensor,
        _utils._rebuild_tensor_v2,
        _utils._rebuild_parameter,
    )
} | {("torch._utils", "_rebuild_parameter_with_state"): _parameter}


class _Unpickler(pickle.Unpickler):
    """Finds what tensors are made of; whatever else a pickle names is not even imported."""

    def find_class(self, module: str, name: str) -> Any:
        return ALLOWED.get((module, name), _Inert)


def _load(file: IO[bytes], **options: Any) -> Any:
    return _Unpickler(file, **options).load()


PICKLE = ModuleType("inert_pickle", "What torch is told to unpickle with.")
PICKLE.Unpickler, PICKLE.load = _Unpickler, _load  # type: ignore[attr-defined]

Mappings = dict[str, dict[str, Any]]
"""Every mapping of a file by the keys that lead to it, with dots between them, "" for the outermost."""


def read_mappings(path: Path) -> Mappings:
    """The mappings in a checkpoint of torch (old or new format) or safetensors, those with tensors among them.

    Raises `InputError`, naming the file, where it is missing, unreadable, or holds no plain tensors by name: a whole
    pickled module, a TorchScript program.
    """
    if not path.is_file():
        raise InputError(f"{path} is missing")
    mappings = _mappings(_content(path))
    values = [value for mapping in mappings.values() for value in mapping.values()]
    if not any(isinstance(value, torch.Tensor) for value in values):
        if not mappings or any(isinstance(value, _Inert) for value in values):
            raise InputError(f"{path} holds a whole pickled object, expected tensors by name (a state dict)")
        raise InputError(f"{path} holds no tensors by name (a state dict)")
    return mappings


def _mappings(content: Any) -> Mappings:
    """The mappings in `content`, from the outside inwards; no recursion, since a pickle may be deep, or hold itself."""
    mappings: Mappings = {}
    queue, seen = [("", content)], set()
    for keys, value in queue:
        inner = dict(enumerate(value)) if isinstance(value, list | tuple) else value
        if not isinstance(inner, Mapping) or id(value) in seen:
            continue
        seen.add(id(value))
        entries = {str(name): entry for name, entry in inner.items()}
        if inner is value:
            mappings.setdefault(keys, entries)
        queue += [(f"{keys}.{name}".lstrip("."), entry) for name, entry in entries.items()]
    return mappings


def _content(path: Path) -> Any:
    """What is pickled in the file, every object but tensors and plain values made inert."""
    with path.open("rb") as file:
        start = file.read(9)
    try:
        if start[8:] == b"{":
            return {**load_file(path), METADATA: _metadata(path)}
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


def _metadata(path: Path) -> dict[str, Any]:
    """What a safetensors file says of itself: texts, which mostly are JSON."""

    def parsed(text: str) -> Any:
        try:
            return json.loads(text)
        except ValueError:
            return text

    with safe_open(path, framework="pt") as file:
        return {name: parsed(text) for name, text in (file.metadata() or {}).items()}


def _names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()
