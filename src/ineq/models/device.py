"""Where torch computes, and with how many threads."""

from __future__ import annotations

import torch


def device() -> torch.device:
    """The first GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def set_threads(count: int) -> None:
    """Let torch use `count` threads within an operation; another number changes the last bits of its results."""
    torch.set_num_threads(count)
