"""What is in a checkpoint of third parties: tensors and plain values, and nothing that a pickle asks for is run."""

from __future__ import annotations

import json
import tarfile
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch.serialization import SourceChangeWarning

from ineq.errors import InputError, first_line
from ineq.models.inert import LONGEST, PICKLE, Inert

METADATA = "__metadata__"
"""The key for what a safetensors file says of itself."""


Mappings = dict[str, dict[str, Any]]
"""Every mapping of a file by the keys that lead to it, with dots between them, "" for the outermost."""


def read_mappings(path: Path) -> Mappings:
    """The mappings in a checkpoint of torch (old or new format) or safetensors, those with tensors among them.

    Raises `InputError`, naming the file, where it is missing, unreadable, or holds no plain tensors by name: a whole
    pickled module, a TorchScript program.
    """
    if not path.is_file():
        raise InputError(f"{path} is missing")
    content = _content(path)
    mappings = _mappings(content)
    values = [value for mapping in mappings.values() for value in mapping.values()]
    if not any(isinstance(value, torch.Tensor) for value in values):
        if not mappings or any(isinstance(value, Inert) for value in [content, *values]):
            raise InputError(f"{path} holds a whole pickled object, expected tensors by name (a state dict)")
        raise InputError(f"{path} holds no tensors by name (a state dict)")
    return mappings


def _mappings(content: Any) -> Mappings:
    """The mappings in `content`, from the outside inwards; no recursion, since a pickle may be deep, or hold itself.

    An object is one of its attributes. It is no state dict, and what is within it has no tensors, but a few numbers.
    """
    mappings: Mappings = {}
    queue, seen = [("", content, False)], set()
    for keys, value, within in queue:
        inner = dict(enumerate(value)) if isinstance(value, list | tuple) else value
        if isinstance(value, Inert):
            inner, within = value.entries, True
        if not isinstance(inner, Mapping) or (id(value), within) in seen:
            continue
        seen.add((id(value), within))
        entries = {str(name): _without_tensor(entry) if within else entry for name, entry in inner.items()}
        if not isinstance(value, list | tuple):
            mappings.setdefault(keys, entries)
        queue += [(f"{keys}.{name}".lstrip("."), entry, within) for name, entry in entries.items()]
    return mappings


def _without_tensor(value: Any) -> Any:
    """The numbers of a small tensor, nothing of a large one; any other value as it is."""
    if isinstance(value, torch.Tensor):
        return value.flatten().tolist() if value.numel() <= LONGEST else Inert()
    return value


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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SourceChangeWarning)
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
