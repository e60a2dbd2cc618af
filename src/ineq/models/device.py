"""Where torch computes, and with how many threads."""

from __future__ import annotations

import torch


def device() -> torch.device:
    """The first GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


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
