"""Where torch computes, in which precision, and with how many threads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from math import inf
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ineq.data.checks import check_model


def device() -> torch.device:
    """The first GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def batch_size(size: int, gpu_size: int | None) -> int:
    """Images in a forward pass: on a GPU `gpu_size`, where that is given."""
    return gpu_size or size if device().type == "cuda" else size


def device_of(model: nn.Module) -> torch.device | None:
    """The device of a model's first parameter or buffer; None for a model without any.

    Raises `InputError` for what is no module, or has no weights yet.
    """
    check_model(model)
    return next((tensor.device for tensor in chain(model.parameters(), model.buffers())), None)


def same_device(one: torch.device, other: torch.device) -> bool:
    """Whether two names are of one device: `cuda` without a number is the current GPU, mostly `cuda:0`."""
    return one.type == other.type and _number(one) == _number(other)


def _number(place: torch.device) -> int:
    if place.index is not None:
        return place.index
    return torch.cuda.current_device() if place.type == "cuda" and torch.cuda.is_available() else 0


PRECISIONS = ("float32", "tf32", "bfloat16")
"""What can be computed in. TF32 is float32 with a mantissa of 10 bits in products, on GPUs from Ampere on."""

_used: set[str] = set()
"""Precisions that this process has computed in, for the record."""


def effective(precision: str) -> str:
    """What `precision` means on this device: itself where the device has units for it, else "float32"."""
    has = {"tf32": _has_tf32, "bfloat16": _has_bfloat16}
    return precision if precision in has and has[precision]() else "float32"


def number_type(precision: str) -> torch.dtype:
    """The type of a model's numbers: bfloat16 where the device computes in it, else float32, which is faster then."""
    return torch.bfloat16 if effective(precision) == "bfloat16" else torch.float32


def _has_tf32() -> bool:
    # AMD's GPUs have other numbers, and torch's flags mean nothing there.
    return device().type == "cuda" and torch.version.hip is None and torch.cuda.get_device_capability()[0] >= 8


def _has_bfloat16() -> bool:
    if device().type == "cuda":
        # Of NVIDIA's GPUs before Ampere, torch may mean that it can emulate bfloat16.
        recent = torch.version.hip is not None or torch.cuda.get_device_capability()[0] >= 8
        return recent and torch.cuda.is_bf16_supported()
    # An old torch does not say what the CPU has, and float32 is used.
    capabilities = getattr(torch.cpu, "get_capabilities", dict)
    return any(has is True and "bf16" in name for name, has in capabilities().items())


def set_arithmetic(threads: int, precision: str = "float32") -> None:
    """Make torch compute the same bytes each time, with so many threads, and in TF32 only if that is asked for.

    Another number of threads changes the last bits. Where an operation of a network has no deterministic form, torch
    warns and goes on. For a process that runs one stage: it stays set.
    """
    torch.set_num_threads(threads)
    # Read by cuBLAS when it starts: without it, products of matrices may be summed in another order each time.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    # The same as `use_deterministic_algorithms(True, warn_only=True)`, which imports a compiler first, for a second.
    torch.set_deterministic_debug_mode("warn")
    # Else every new tensor is filled first, for those that read what they have not written.
    torch.utils.deterministic.fill_uninitialized_memory = False  # pyright: ignore[reportAttributeAccessIssue]
    torch.backends.cudnn.benchmark = False
    _allow_tf32(effective(precision) == "tf32")
    _used.add(effective(precision))


@contextmanager
def computing_in(precision: str) -> Iterator[None]:
    """Inside, float32 means TF32 if `precision` says so and the device has it, else what it says."""
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    _allow_tf32(effective(precision) == "tf32")
    _used.add(effective(precision))
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before


def mixed(precision: str) -> torch.autocast:
    """Inside, products are in bfloat16 if that is the precision, also where it is slower: it changes results."""
    if precision == "bfloat16":
        _used.add(precision)
    return torch.autocast(device().type, torch.bfloat16, enabled=precision == "bfloat16")


def _allow_tf32(allowed: bool) -> None:
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = allowed


def memory_of(place: torch.device) -> float:
    """Bytes that may be put there: what a GPU has free, or all memory of the computer; infinite where nobody says."""
    if place.type == "cuda":
        return torch.cuda.mem_get_info(place)[0]
    # Windows has no such names.
    names = getattr(os, "sysconf_names", {})
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if "SC_PHYS_PAGES" in names else inf


def arithmetic() -> dict[str, Any]:
    """In what this process has computed since it was last asked, and torch's flags that decide whether it repeats."""
    used = sorted(_used)
    _used.clear()
    return {
        "precisions": used,
        "deterministic_algorithms": torch.are_deterministic_algorithms_enabled(),
        "cudnn_benchmark": torch.backends.cudnn.benchmark,
    }


def hardware() -> dict[str, Any]:
    """The instructions that torch uses of the processor and, if there is one, the GPU, its software and its use."""
    facts: dict[str, Any] = {"instructions": torch.backends.cpu.get_cpu_capability()}
    if device().type == "cuda":
        driver = Path("/sys/module/nvidia/version")
        facts |= {
            "gpu": torch.cuda.get_device_name(),
            "gpu_driver": driver.read_text().strip() if driver.exists() else "unknown",
            "cuda": torch.version.cuda or "none",
            "cudnn": torch.backends.cudnn.version() or "none",
            "peak_gpu_memory_gb": round(torch.cuda.max_memory_reserved() / 1e9, 2),
        }
    return facts
