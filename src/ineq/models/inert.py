"""Unpickling that runs nothing: tensors, plain values, numpy's numbers and what objects hold by name are read."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from types import ModuleType
from typing import IO, Any

import numpy as np
import torch
from torch import _utils

LONGEST = 16
"""Numbers of an array that are read: those of a longer one are no normalisation."""
FORMATS = {f"{order}{code}" for order in "<>" for code in ("f2", "f4", "f8", "i2", "i4", "i8", "u2", "u4", "u8")}
FORMATS |= {"|i1", "|u1"}
"""Plain numbers, as numpy calls them: the order of their bytes, the kind, and how many bytes each has."""


class Inert:
    """Stands for any object that a checkpoint holds beside tensors: it takes everything, and does nothing.

    `entries` are the attributes, or the items of a kind of dict, that the pickle sets, by name.
    """

    entries: dict[str, Any]
    dump_patches = False
    """What torch's old format asks of a module's class, whose source code it compares."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Inert:
        """One without entries, also for a pickle that leaves `__init__` out."""
        inert = super().__new__(cls)
        inert.entries = {}
        return inert

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def _ignore(self, *args: Any, **kwargs: Any) -> None: ...

    def __call__(self, *args: Any, **kwargs: Any) -> Inert:
        """Itself: a pickle may name a function, too."""
        return self

    def __setitem__(self, name: Any, value: Any) -> None:
        if isinstance(name, str):
            self.entries[name] = value

    def __setstate__(self, state: Any) -> None:
        """Attributes are one dict, or two in a tuple where there are slots."""
        for part in state if isinstance(state, tuple) else (state,):
            for name, value in part.items() if isinstance(part, dict) else ():
                self[name] = value

    append = extend = add = _ignore


class _Dtype(Inert):
    """How numpy's numbers are written: `code`, such as f8, and the `order` of their bytes."""

    code: Any = ""
    order: Any = ""

    def __init__(self, code: Any = "", *args: Any) -> None:
        self.code = code

    def __setstate__(self, state: Any) -> None:
        if isinstance(state, tuple) and len(state) > 1:
            self.order = state[1]

    def numbers(self, data: Any) -> list[float]:
        """The numbers in bytes; none where they are many, or not plain."""
        if not (isinstance(self.code, str) and isinstance(self.order, str) and isinstance(data, bytes | bytearray)):
            return []
        if (name := self.order + self.code) not in FORMATS:
            return []
        size = np.dtype(name).itemsize
        return [] if len(data) % size or len(data) > LONGEST * size else np.frombuffer(data, name).tolist()


class _Array(list):
    """The numbers of a numpy array one after another, whatever its shape; none where they are many, or not plain."""

    def __init__(self, *args: Any) -> None:
        super().__init__()

    def __setstate__(self, state: Any) -> None:
        if isinstance(state, tuple) and len(state) >= 4:
            *_, dtype, _, data = state
            self[:] = _numbers(dtype, data)


def _numbers(dtype: Any, data: Any) -> list[float]:
    return dtype.numbers(data) if isinstance(dtype, _Dtype) else []


def _array_of_buffer(data: Any = None, dtype: Any = None, *args: Any) -> _Array:
    """As numpy writes an array since pickle's protocol 5."""
    array = _Array()
    array[:] = _numbers(dtype, data)
    return array


def _scalar(dtype: Any = None, data: Any = None, *args: Any) -> Any:
    """A number of numpy's as a plain one."""
    numbers = _numbers(dtype, data)
    return numbers[0] if len(numbers) == 1 else Inert()


def _bytes(text: Any = None, encoding: Any = None, *args: Any) -> Any:
    """A few bytes, as protocols before 3 write them."""
    if isinstance(text, str) and encoding == "latin1" and len(text) <= LONGEST * 8:
        with suppress(UnicodeError):
            return text.encode("latin1")
    return Inert()


def _parameter(data: torch.Tensor, requires_grad: bool, hooks: Any, state: Any) -> torch.Tensor:
    """A parameter without what its owner had noted on it."""
    return data


# What a pickled tensor is made of. Storages are no entry: torch makes them itself, by their known names.
TENSORS: Mapping[tuple[str, str], Any] = {
    (entry.__module__, entry.__qualname__): entry
    for entry in (
        OrderedDict,
        torch.Size,
        _utils._rebuild_tensor,
        _utils._rebuild_tensor_v2,
        _utils._rebuild_parameter,
    )
} | {("torch._utils", "_rebuild_parameter_with_state"): _parameter}
# What numpy's arrays and numbers are made of, before its version 2 and since. Nothing of numpy's unpickles them.
NUMPY: Mapping[tuple[str, str], Any] = {("numpy", "dtype"): _Dtype, ("_codecs", "encode"): _bytes} | {
    (f"numpy.{core}.{module}", name): entry
    for core in ("core", "_core")
    for module, name, entry in (
        ("multiarray", "_reconstruct", _Array),
        ("multiarray", "scalar", _scalar),
        ("numeric", "_frombuffer", _array_of_buffer),
    )
}
ALLOWED = {**TENSORS, **NUMPY}


class _Unpickler(pickle.Unpickler):
    """Finds what tensors and numpy's numbers are made of; whatever else a pickle names is not even imported."""

    def find_class(self, module: str, name: str) -> Any:
        return ALLOWED.get((module, name), Inert)


def _load(file: IO[bytes], **options: Any) -> Any:
    return _Unpickler(file, **options).load()


PICKLE = ModuleType("inert_pickle", "What torch is told to unpickle with.")
PICKLE.Unpickler, PICKLE.load = _Unpickler, _load  # type: ignore[attr-defined]
