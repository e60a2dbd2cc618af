"""What pruning left of a checkpoint: shares of zero weights and zero filters, read without torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors.numpy import load_file


def zero_shares(checkpoint: Path, channels: int) -> dict[str, float]:
    """`zero_weights` and `zero_filters`: shares of the weights and of the filters that are zero.

    Of all convolutions (out, in, height, width) but the first, which is never pruned: the one that sees the image's
    `channels`. A filter is zero where all its weights are.
    """
    layers = [tensor for tensor in load_file(checkpoint).values() if tensor.ndim == 4 and tensor.shape[1] != channels]
    weights = np.concatenate([layer.ravel() == 0 for layer in layers])
    filters = np.concatenate([(layer == 0).all(axis=(1, 2, 3)) for layer in layers])
    return {"zero_weights": float(weights.mean()), "zero_filters": float(filters.mean())}
