"""A kernel of torch that computes wrongly on some CPUs, and the way around it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

LANES = 8
"""Channels that the kernel takes at once."""


@contextmanager
def sound_backward(model: nn.Module) -> Iterator[None]:
    """Inside, a backward pass through `model` gives right gradients of its weights on every CPU.

    On CPUs without AVX-512, oneDNN 3.13 (torch 2.15) writes beyond the end of an array in the weight gradient of a 1×1
    convolution with a stride and fewer than 8 input channels in channels_last: the process crashes, or goes on with
    other numbers each time. A network with such a convolution is passed through without oneDNN, on every CPU, so that
    its numbers are the same everywhere to rounding. A GPU does not use oneDNN, and nothing changes there.
    """
    kernels = torch.backends.mkldnn
    before = kernels.enabled
    # Not `kernels.flags`, which sets everything else too, and warns of it.
    kernels.enabled = before and not any(_miscomputed(layer) for layer in model.modules())
    try:
        yield
    finally:
        kernels.enabled = before


def _miscomputed(layer: nn.Module) -> bool:
    if not isinstance(layer, nn.Conv2d) or layer.kernel_size != (1, 1):
        return False
    return any(step != 1 for step in layer.stride) and layer.in_channels // layer.groups < LANES
