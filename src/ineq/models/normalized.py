"""A network together with its own normalisation: pixel images go in, so nobody can forget to normalise."""

import math
from collections.abc import Sequence

import torch
from torch import nn

from ineq.errors import InputError

WORDS = {
    **dict.fromkeys(("mean", "means", "mu"), "mean"),
    **dict.fromkeys(("std", "stds", "sd", "stdev", "stddev", "sigma"), "std"),
}
"""What people call the two, in names such as `normalizer.new_mean`, `pixel_std`, `1.mean`, `sigma`."""


def mean_or_std(name: str) -> tuple[str, str]:
    """Which of the two a name tells, and the name without the word: ("mean", "normalizer.new_*"); "" for neither."""
    place, _, last = name.rpartition(".")
    for word in last.split("_"):
        if what := WORDS.get(word.lower()):
            return what, f"{place}.{last.replace(word, '*', 1)}"
    return "", name


class Normalized(nn.Module):
    """Map pixel images in [0, 1], (N, C, H, W), to what `network` says of `(images - mean) / std`.

    `mean` and `std` hold one number per channel, in pixel units, and are kept as buffers of shape (1, C, 1, 1).
    Raises `InputError` when their lengths differ, a value is not finite, or a `std` is not positive.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, network: nn.Module, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        _check(mean, std)
        self.network = network
        self.register_buffer("mean", torch.tensor([*mean], dtype=torch.float32).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor([*std], dtype=torch.float32).view(1, -1, 1, 1))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits (N, classes) of pixel images (N, C, H, W)."""
        return self.network((images - self.mean) / self.std)


def _check(mean: Sequence[float], std: Sequence[float]) -> None:
    """Refuse a normalisation that cannot be applied or undone."""
    if len(mean) != len(std) or not len(mean):
        raise InputError(f"mean has {len(mean)} values and std {len(std)}, expected one of each per channel")
    if not all(map(math.isfinite, [*mean, *std])) or min(std) <= 0:
        raise InputError(f"mean {[*mean]} and std {[*std]}, expected finite numbers, every std above 0")
