"""What inequality is compared with: how unequal the images are by themselves, with no network at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from ineq.attribution.methods import METHODS, Batch, options_of
from ineq.data.checks import Array, as_images, as_indices, whole
from ineq.models.forward import Channels, normalisation


def input_differences(
    images: Array,
    method: str,
    *,
    seed: int = 0,
    indices: Sequence[int] | Array | None = None,
    mean: Channels,
    std: Channels,
    **options: Any,
) -> np.ndarray:
    """abs(image − baseline) of the method's own baseline, float32 (N, C, H, W) in pixel units.

    Arguments are those of `attribute`, which draws the same baselines.
    """
    chosen = options_of(method, options)
    pixels = as_images(images)
    keys = as_indices(indices, len(pixels))
    space = normalisation(nn.Identity(), pixels, mean, std)
    labels = torch.zeros(len(pixels), dtype=torch.int64)
    batch = Batch(pixels, labels, keys, whole("seed", seed, 0), *space, rows=len(pixels))
    return (pixels - METHODS[method].baseline(batch, **chosen)).abs().cpu().numpy()
