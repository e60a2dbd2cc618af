"""Projected gradient descent (Madry et al., 2018): the attack inside adversarial training."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from ineq.data.checks import whole
from ineq.errors import InputError, refuse_unknown
from ineq.models.forward import evaluating

NORMS = ("linf",)


def pgd(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    *,
    epsilon: float,
    steps: int,
    step_size: float | None = None,
    norm: str = "linf",
    start: torch.Tensor | None = None,
) -> torch.Tensor:
    """Images (N, C, H, W) in [0, 1], at most `epsilon` from `images` in each value, that raise the cross-entropy.

    `epsilon` and `step_size` (2.5 ε / steps unless given) are in pixel units. `start` is where the search begins, an
    offset from the images of their shape; the caller draws it, so that nothing here is random. The model is attacked
    in eval mode and gets its training flags back; no gradient of a weight is computed.
    """
    refuse_unknown("norm of the attack", norm, NORMS)
    whole("steps", steps, 0)
    if not 0 <= epsilon <= 1:
        raise InputError(f"epsilon is {epsilon}: wanted a pixel value from 0 to 1")
    size = 2.5 * epsilon / max(steps, 1) if step_size is None else step_size
    # The box of allowed images: within ε, and valid pixels.
    low, high = (images - epsilon).clamp(min=0), (images + epsilon).clamp(max=1)
    found = images.detach() if start is None else (images + start).clamp(low, high).detach()
    # ASSUME(§2.2): the attack sees the model as it will be used, with the running statistics of batch norm.
    with evaluating(model):
        for _ in range(steps):
            found = (found + size * _gradient(model, found, labels).sign()).clamp(low, high)
    return found


def _gradient(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Gradient of the cross-entropy with respect to the images; each image's own, whatever else is in the batch."""
    images = images.detach().requires_grad_()
    with torch.enable_grad():
        loss = functional.cross_entropy(model(images), labels, reduction="sum")
    return torch.autograd.grad(loss, images)[0]
