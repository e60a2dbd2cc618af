"""The method itself."""

import torch
from torch import nn

from ineq.attribution.methods import Batch


def gradient_power(model: nn.Module, batch: Batch, *, power: float) -> torch.Tensor:
    """Size of the gradient of each label's logit to `power`, (B, C, H, W)."""
    images = batch.images.detach().requires_grad_()
    logits = model(images).gather(1, batch.labels[:, None])
    (gradient,) = torch.autograd.grad(logits.sum(), images)
    return gradient.abs() ** power
