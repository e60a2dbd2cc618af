"""A GPU that is only pretended: the CPU computes, and what CUDA refuses is refused.

Every tensor stays in the CPU's memory. Where one is put on `cuda`, its storage is noted; `.device` and the like answer
by that note, views share it, and an operation that mixes noted and other tensors raises what CUDA raises. So a study
runs through the same branches as on a GPU, and gives the CPU's bytes. How a real GPU rounds, and what it does at the
same time as the CPU, is not seen here: `make gpu` is for that.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

CPU, GPU = torch.device("cpu"), torch.device("cuda", 0)
MIXED = "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!"
NO_NUMPY = "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first."
WAITS = {"_local_scalar_dense", "nonzero", "equal", "masked_select", "_unique2", "unique_dim", "repeat_interleave"}
"""Operations after which the CPU waits for the GPU, since it needs what was computed."""
INDEXING = {"index", "index_put", "index_put_", "_index_put_impl_"}
"""Operations whose indices may be on the CPU."""
MAYBE_SHARED = {torch.as_tensor, torch.asarray}
"""What makes a tensor that may have the memory of its argument."""
COPIES = {"copy_", "_to_copy"}


class PretendedGPU:
    """One GPU of this process while it is `present`; `counts` says how often it was used.

    There are `kernels` started, copies `to_gpu`, and `waits`: copies to the CPU, and operations that wait.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._held: dict[int, StorageWeakRef] = {}

    def holds(self, tensor: torch.Tensor) -> bool:
        """Whether a tensor is on it."""
        return _storage(tensor) in self._held

    def take(self, tensor: torch.Tensor) -> torch.Tensor:
        """Note that a tensor is on it, and with it all that shares its memory."""
        self._hold(tensor.untyped_storage())
        return tensor

    def _hold(self, storage: torch.UntypedStorage) -> None:
        # While the reference is kept, no other storage gets this number.
        self._held[storage._cdata] = StorageWeakRef(storage)
        if len(self._held) % 1024 == 0:
            self._held = {number: kept for number, kept in self._held.items() if not kept.expired()}

    def put(self, tensor: torch.Tensor, there: bool) -> torch.Tensor:
        """A tensor on the GPU (`there`) or on the CPU: itself if it is, else a copy, through which gradients flow."""
        if self.holds(tensor) == there:
            return tensor
        before = self.counts.copy()
        copy = tensor.clone()
        self.counts = before + Counter({"to_gpu" if there else "waits": 1})
        if there:
            return self.take(copy)
        del self._held[_storage(copy)]
        return copy

    @contextlib.contextmanager
    def present(self) -> Iterator[PretendedGPU]:
        """Inside, torch says that there is one GPU, and it is this one. For one thread."""
        with contextlib.ExitStack() as stack:
            for name, answer in CUDA.items():
                stack.enter_context(mock.patch.object(torch.cuda, name, answer))
            stack.enter_context(mock.patch.object(torch, "autocast", _autocast))
            stack.enter_context(mock.patch.object(torch, "load", self._load))
            stack.enter_context(mock.patch.object(torch.serialization, "location_tag", self._location))
            stack.enter_context(_Calls(self))
            stack.enter_context(_Operations(self))
            yield self

    def _location(self, storage: Any, location: Any = torch.serialization.location_tag) -> str:
        """What `torch.save` writes of where a tensor is."""
        return str(GPU) if storage._cdata in self._held else location(storage)

    def _load(self, *arguments: Any, map_location: Any = None, load: Any = torch.load, **options: Any) -> Any:
        def restore(storage: torch.UntypedStorage, saved: str) -> torch.UntypedStorage:
            if _is_gpu(saved if map_location is None else map_location):
                self._hold(storage)
            return storage

        return load(*arguments, map_location=restore, **options)


def told(*where: Any, **named: Any) -> tuple[torch.device | None, dict[str, Any]]:
    """What `.to` is told: a device, and by name a type and a memory format, each if it is."""
    device, kind, _, order = torch._C._nn._parse_to(*where, **named)  # pyright: ignore[reportAttributeAccessIssue]
    return device, {name: value for name, value in (("dtype", kind), ("memory_format", order)) if value is not None}


def _storage(tensor: torch.Tensor) -> int:
    with torch._C.DisableTorchFunction():
        return tensor.untyped_storage()._cdata


def _is_gpu(device: Any) -> bool:
    return device is not None and torch.device(device).type == "cuda"


def _has_bfloat16() -> bool:
    capabilities = getattr(torch.cpu, "get_capabilities", dict)
    return any(has is True and "bf16" in name for name, has in capabilities().items())


def _autocast(device_type: str, *arguments: Any, make: Any = torch.autocast, **options: Any) -> Any:
    return make("cpu" if device_type == "cuda" else device_type, *arguments, **options)


CUDA: dict[str, Callable[..., Any]] = {
    "is_available": lambda: True,
    "device_count": lambda: 1,
    "current_device": lambda: 0,
    "get_device_name": lambda device=None: "a pretended GPU",
    "get_device_capability": lambda device=None: (9, 0),
    "is_bf16_supported": _has_bfloat16,
    "max_memory_reserved": lambda device=None: 0,
    "mem_get_info": lambda device=None: (8 * 2**30, 8 * 2**30),
    "synchronize": lambda device=None: None,
    "get_rng_state": lambda device=None: torch.get_rng_state(),
    "set_rng_state": lambda state, device=None: None,
    "manual_seed": lambda seed: None,
    "manual_seed_all": lambda seed: None,
}
"""What functions of `torch.cuda` answer. The GPU's random numbers are the CPU's, and so is what it can compute in."""


class _Calls(TorchFunctionMode):
    """What Python calls: where a tensor is, and where one is to be."""

    def __init__(self, gpu: PretendedGPU) -> None:
        super().__init__()
        self.gpu = gpu
        self.answers: dict[Any, Callable[..., Any]] = {
            torch.Tensor.device.__get__: lambda tensor: GPU if gpu.holds(tensor) else tensor.device,  # type: ignore[attr-defined]
            torch.Tensor.is_cuda.__get__: gpu.holds,  # type: ignore[attr-defined]
            torch.Tensor.is_cpu.__get__: lambda tensor: not gpu.holds(tensor),  # type: ignore[attr-defined]
            torch.Tensor.get_device: lambda tensor: 0 if gpu.holds(tensor) else -1,
            torch.Tensor.to: self._to,
            torch.Tensor.cpu: lambda tensor, *options, **named: gpu.put(tensor.cpu(*options, **named), False),
            torch.Tensor.cuda: lambda tensor, *_, **named: gpu.put(tensor, True),
            torch.Tensor.numpy: self._numpy,
            torch.Tensor.__array__: lambda tensor, kind=None, **_: np.asarray(self._numpy(tensor), kind),
            torch.Tensor.tolist: lambda tensor: gpu.put(tensor.detach(), False).tolist(),
            torch.Tensor.__deepcopy__: self._deepcopy,
        }

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in self.answers and isinstance(args[0], torch.Tensor):
            return self.answers[func](*args, **kwargs)
        if kwargs.get("device") is None or torch.device(kwargs["device"]).type not in ("cpu", "cuda"):
            return func(*args, **kwargs)
        there, result = _is_gpu(kwargs["device"]), func(*args, **{**kwargs, "device": CPU})
        if func in MAYBE_SHARED or not there:
            return self.gpu.put(result, there)
        return self.gpu.take(result)

    def _to(self, tensor: torch.Tensor, *where: Any, copy: bool = False, **named: Any) -> torch.Tensor:
        if where and isinstance(where[0], torch.Tensor):
            where = (GPU if self.gpu.holds(where[0]) else CPU, where[0].dtype, *where[1:])
        device, options = told(*where, **named)
        if device is not None and device.type == "meta":
            return tensor.to(device, **options)
        there = self.gpu.holds(tensor) if device is None else _is_gpu(device)
        return self.gpu.put(tensor.to(**options, copy=copy) if options or copy else tensor, there)

    def _numpy(self, tensor: torch.Tensor, *, force: bool = False) -> Any:
        if self.gpu.holds(tensor) and not force:
            raise TypeError(NO_NUMPY)
        return self.gpu.put(tensor, False).numpy(force=force)

    def _deepcopy(self, tensor: torch.Tensor, memo: Any) -> torch.Tensor:
        copy = tensor.__deepcopy__(memo)
        return self.gpu.take(copy) if self.gpu.holds(tensor) else copy


class _Operations(TorchDispatchMode):
    """What is computed: refused where CUDA refuses it, else the result is where the operands are."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # Nothing is compiled here, and to keep it from that, torch would import its compiler, for a second a process.
        return False

    def __init__(self, gpu: PretendedGPU) -> None:
        super().__init__()
        self.gpu = gpu

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        operands = [value for value in tree_leaves((args, kwargs)) if isinstance(value, torch.Tensor)]
        here = {_storage(tensor) for tensor in operands if not self.gpu.holds(tensor)}
        there = [tensor for tensor in operands if self.gpu.holds(tensor)]
        if not there:
            return func(*args, **(kwargs or {}))
        name = func._schema.name.partition("::")[2]
        if here and self._refused(name, args, operands):
            raise RuntimeError(MIXED)
        result = func(*args, **(kwargs or {}))
        self._count(name, func, args, there)
        for value in tree_leaves(result):
            if isinstance(value, torch.Tensor) and _storage(value) not in here and not self.gpu.holds(value):
                self.gpu.take(value)
        return result

    def _refused(self, name: str, args: Any, operands: list[torch.Tensor]) -> bool:
        """Whether CUDA refuses operands on both devices; a number on the CPU it takes beside any tensor."""
        if name in COPIES:
            return False
        if name in INDEXING:
            operands = [args[0], *(value for value in args[2:] if isinstance(value, torch.Tensor))]
            operands += [index for index in args[1] if index is not None and self.gpu.holds(index)]
        return len({self.gpu.holds(one) for one in operands if one.ndim or self.gpu.holds(one)}) > 1

    def _count(self, name: str, func: Any, args: Any, there: list[torch.Tensor]) -> None:
        counts = self.gpu.counts
        masked = name in INDEXING and any(index is not None and index.dtype == torch.bool for index in args[1])
        crosses = name == "copy_" and self.gpu.holds(args[0]) != self.gpu.holds(args[1])
        counts["waits"] += name in WAITS or masked or (crosses and not self.gpu.holds(args[0]))
        counts["to_gpu"] += crosses and self.gpu.holds(args[0])
        # A view has the memory of another tensor without writing to it.
        view = any(value.alias_info is not None and not value.alias_info.is_write for value in func._schema.returns)
        counts["kernels"] += not view and not crosses and name != "_local_scalar_dense"
