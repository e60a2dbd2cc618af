"""Where torch computes, in which precision, and with how many threads."""

from __future__ import annotations

from itertools import chain

import torch
from torch import nn


def device() -> torch.device:
    """The first GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def device_of(model: nn.Module) -> torch.device | None:
    """The device of a model's first parameter or buffer; None for a model without any."""
    return next((tensor.device for tensor in chain(model.parameters(), model.buffers())), None)


def same_device(one: torch.device, other: torch.device) -> bool:
    """Whether two names are of one device: `cuda` without a number is the current GPU, mostly `cuda:0`."""
    return one.type == other.type and _number(one) == _number(other)


def _number(place: torch.device) -> int:
    if place.index is not None:
        return place.index
    return torch.cuda.current_device() if place.type == "cuda" and torch.cuda.is_available() else 0


PRECISIONS = ("float32", "bfloat16")
"""What can be computed in."""


def number_type(precision: str) -> torch.dtype:
    """What `precision` means here: bfloat16 where the device computes in it, else float32, which is faster then."""
    if precision == "bfloat16" and _has_bfloat16():
        return torch.bfloat16
    return torch.float32


def _has_bfloat16() -> bool:
    if device().type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return any(has is True and "bf16" in name for name, has in torch.cpu.get_capabilities().items())


def set_threads(count: int) -> None:
    """Let torch use `count` threads within an operation; another number changes the last bits of its results."""
    torch.set_num_threads(count)
