"""The attacks inside adversarial training: PGD (Madry et al., 2018) and N-FGSM (de Jorge et al., 2022)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from ineq.data.checks import check_int
from ineq.errors import InputError, refuse_unknown
from ineq.models.forward import answer, evaluating

NORMS = ("linf", "l2")


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
    project: bool = True,
) -> torch.Tensor:
    """Images (N, C, H, W) in [0, 1], at most `epsilon` from `images`, that raise the cross-entropy.

    The distance is that of `norm`: "linf", of every value, or "l2", the root of the sum of squares over an image.
    `epsilon` and `step_size` (2.5 ε / steps unless given) are in pixel units. `start` is where the search begins, an
    offset from the images of their shape (see `random_start`); the caller draws it, so that nothing here is random.
    Without `project` the search may leave the ball, never [0, 1]: one step of size ε from a start drawn up to k·ε away
    is N-FGSM, whose images lie up to (k + 1)·ε away.
    The model is attacked in eval mode and gets its training flags back; no gradient of a weight is computed.
    """
    refuse_unknown("norm of the attack", norm, NORMS)
    check_int("steps", steps, 0)
    _check_epsilon(epsilon, norm, images)
    size = 2.5 * epsilon / max(steps, 1) if step_size is None else step_size
    ascend, into_ball = (_along_sign, _into_box) if norm == "linf" else (_along_gradient, _into_ball)
    into_reach = into_ball if project else _into_pixels
    images = images.detach()
    attacked = images if start is None else into_reach(images + start, images, epsilon)
    # ASSUME(§2.2): the attack sees the model as it will be used, with the running statistics of batch norm.
    with evaluating(model):
        for _ in range(steps):
            attacked = into_reach(attacked + size * ascend(_gradient(model, attacked, labels)), images, epsilon)
    return attacked


def random_start(draws: np.random.Generator, shape: Sequence[int], epsilon: float, norm: str) -> np.ndarray:
    """Offsets float32 (N, C, H, W) drawn uniformly from the ball of radius `epsilon` around each image."""
    if norm == "linf":
        return (2 * draws.random(shape, dtype=np.float32) - 1) * np.float32(epsilon)
    count, *inner = shape
    direction = draws.standard_normal((count, math.prod(inner)), dtype=np.float32)
    # The volume of a ball grows with radius ** dimensions, so that nearly all of it lies near the surface.
    radius = draws.random((count, 1), dtype=np.float32) ** np.float32(1 / math.prod(inner))
    offsets = direction / np.linalg.norm(direction, axis=1, keepdims=True) * radius * np.float32(epsilon)
    return offsets.reshape(shape)


def _check_epsilon(epsilon: float, norm: str, images: torch.Tensor) -> None:
    """A budget that covers more than the whole space of pixels is one in another unit."""
    most = 1.0 if norm == "linf" else math.sqrt(images[0].numel())
    if not 0 <= epsilon <= most:
        what = "a pixel value from 0 to 1" if norm == "linf" else f"a distance of pixel values from 0 to {most:g}"
        raise InputError(f"epsilon is {epsilon}, expected {what}")


def _along_sign(gradient: torch.Tensor) -> torch.Tensor:
    return gradient.sign()


def _along_gradient(gradient: torch.Tensor) -> torch.Tensor:
    """Each image's gradient at length 1; one that is 0 stays."""
    return gradient / _lengths(gradient).clamp(min=torch.finfo(gradient.dtype).tiny)


def _into_pixels(attacked: torch.Tensor, images: torch.Tensor, epsilon: float) -> torch.Tensor:
    return attacked.clamp(0, 1)


def _into_box(attacked: torch.Tensor, images: torch.Tensor, epsilon: float) -> torch.Tensor:
    return attacked.clamp((images - epsilon).clamp(min=0), (images + epsilon).clamp(max=1))


def _into_ball(attacked: torch.Tensor, images: torch.Tensor, epsilon: float) -> torch.Tensor:
    """Into the ball, then to valid pixels, which never leads out of it: the images are valid themselves."""
    offset = attacked - images
    lengths = _lengths(offset)
    return (images + offset * (epsilon / lengths.clamp(min=epsilon))).clamp(0, 1) if epsilon else images


def _lengths(offsets: torch.Tensor) -> torch.Tensor:
    """Euclidean length of each image's offset, (N, 1, 1, 1)."""
    return offsets.flatten(1).norm(dim=1).view(-1, 1, 1, 1)


def _gradient(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Gradient of the cross-entropy with respect to the images; each image's own, whatever else is in the batch."""
    images = images.detach().requires_grad_()
    with torch.enable_grad():
        loss = functional.cross_entropy(answer(model, images), labels, reduction="sum")
    return torch.autograd.grad(loss, images)[0]
