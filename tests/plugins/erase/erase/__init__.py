"""Some values of an image set to one gray, as an attack of its own package."""

import numpy as np
import torch
from torch import nn

from ineq.data.draws import permutations


def erase(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    maps: torch.Tensor,
    *,
    indices: np.ndarray,
    seed: int,
    where: str,
    batch_size: int | None,
    values: int = 8,
    gray: float = 0.5,
) -> torch.Tensor:
    """The images (N, C, H, W) with their `values` most important, random or least important values at `gray`."""
    if where == "random":
        order = torch.from_numpy(permutations(seed, "erase", indices, maps[0].numel())).to(maps.device)
    else:
        order = maps.flatten(1).argsort(dim=1, descending=where == "important", stable=True)
    return images.flatten(1).scatter(1, order[:, :values], gray).reshape(images.shape)
