"""What happens to training images before they are attacked: mirrored, shifted, cut out; all draws are the caller's."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional


def flip_and_crop(images: torch.Tensor, draws: np.random.Generator, *, flip: bool, crop: int) -> torch.Tensor:
    """Images (N, C, H, W), each mirrored with probability 1/2 if `flip`, and shifted by up to `crop` pixels each way.

    What comes in from beyond the border is black.
    """
    count, channels, height, width = images.shape
    mirrored = draws.random(count) < 0.5 if flip else np.zeros(count, dtype=bool)
    down, right = draws.integers(2 * crop + 1, size=(2, count))
    columns = np.where(mirrored[:, None], np.arange(width)[::-1], np.arange(width)) + right[:, None]
    rows = np.arange(height) + down[:, None]

    def index(values: np.ndarray, *shape: int) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(images.device).view(shape)

    padded = functional.pad(images, (crop, crop, crop, crop))
    return padded[
        index(np.arange(count), count, 1, 1, 1),
        index(np.arange(channels), 1, channels, 1, 1),
        index(rows, count, 1, height, 1),
        index(columns, count, 1, 1, width),
    ]


def cutout(images: torch.Tensor, draws: np.random.Generator, *, side: int, fill: torch.Tensor) -> torch.Tensor:
    """Cutout (DeVries & Taylor, 2017): a square of `side` pixels around a random pixel of each image takes on `fill`.

    The square is cut at the border; `fill` is (1, C, 1, 1), the mean, as the authors fill with 0 after normalisation.
    """
    count, _, height, width = images.shape

    def within(size: int) -> torch.Tensor:
        first = draws.integers(size, size=(count, 1)) - side // 2
        along = np.arange(size)
        return torch.from_numpy((along >= first) & (along < first + side)).to(images.device)

    rows, columns = within(height), within(width)
    return torch.where((rows[:, :, None] & columns[:, None, :])[:, None], fill, images)
