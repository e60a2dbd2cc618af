"""The one way a model is run: in eval mode, without gradients, in batches, its answer checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any

import numpy as np
import torch
from torch import nn

from ineq.data.checks import check_int
from ineq.errors import InputError, first_line, of_device

Progress = Callable[[int, int], object]
"""Called with what is done of how much."""

BATCH_SIZE = 256
"""Rows in a forward pass where the caller does not say."""


def silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


def subprogress(progress: Progress, done: int, total: int) -> Progress:
    """Map the progress of one part of the work, after `done` equal ones of `total`, to overall progress."""
    return lambda now, of: progress(done * of + now, total * of)


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Eval mode inside; afterwards every module has its own training flag back."""
    flags = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in flags:
            module.training = training


@contextmanager
def frozen(model: nn.Module) -> Iterator[None]:
    """No weight gets a gradient inside; afterwards every parameter asks for one again if it did."""
    asking = [parameter for parameter in model.parameters() if parameter.requires_grad]
    model.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in asking:
            parameter.requires_grad_()


def batches(count: int, batch_size: int | None) -> Iterator[slice]:
    """Slices that cut `count` rows into batches of `batch_size` (None: `BATCH_SIZE`)."""
    size = BATCH_SIZE if batch_size is None else check_int("batch_size", batch_size, 1)
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def prefetch(values: Any, batch_size: int) -> Iterator[tuple[slice, np.ndarray]]:
    """All rows in batches, each with its place; the next ones are read while these are used."""
    places = list(batches(len(values), batch_size))
    with ThreadPoolExecutor(1) as reader:
        coming = [reader.submit(values.__getitem__, rows) for rows in places[:1]]
        for rows, after in zip_longest(places, places[1:]):
            batch = coming.pop().result()
            if after:
                coming.append(reader.submit(values.__getitem__, after))
            yield rows, batch


def predict_logits(model: nn.Module, images: torch.Tensor, batch_size: int | None = None) -> torch.Tensor:
    """Logits of pixel images (N, C, H, W), float32 (N, classes) on the CPU.

    At most `batch_size` rows are in a forward pass. Raises `InputError` when the model refuses the images, or its
    answer is not one finite number for each image and class.
    """
    with evaluating(model), torch.no_grad():
        parts = [_logits(model, images[rows]).float().cpu() for rows in batches(len(images), batch_size)]
    logits = torch.cat(parts)
    if not bool(logits.isfinite().all()):
        bad = int((~logits.isfinite()).any(1).sum())
        raise InputError(f"the model's logits hold NaN or infinite values for {bad} of {len(logits)} images")
    return logits


def predict_labels(model: nn.Module, images: torch.Tensor, batch_size: int | None = None) -> np.ndarray:
    """The class of the highest logit, int16 (N,); of equal logits the first."""
    return predict_logits(model, images, batch_size).argmax(1).numpy().astype(np.int16)


def _logits(model: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """One forward pass, its shape checked."""
    try:
        logits = model(images)
    except RuntimeError as error:
        if type(error) is not RuntimeError or of_device(error):  # not the input's fault
            raise
        reason = first_line(error)
        raise InputError(f"the model refuses images of shape {tuple(images.shape)}: {reason}") from error
    if not isinstance(logits, torch.Tensor) or logits.ndim != 2 or len(logits) != len(images):
        answer = tuple(logits.shape) if isinstance(logits, torch.Tensor) else f"a {type(logits).__name__}"
        raise InputError(f"the model gives {answer} for {len(images)} images, expected logits ({len(images)}, classes)")
    return logits


Channels = float | Sequence[float] | np.ndarray | torch.Tensor


def normalisation(
    model: nn.Module, images: torch.Tensor, mean: Channels | None = None, std: Channels | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and std of the normalised space, pixel units, each (1, C, 1, 1) on the device of `images`.

    A value that is not given is the model's own `mean` or `std` (see `Normalized`), else 0 or 1: a bare model's
    normalised space is pixel space.
    """
    if (mean is None) != (std is None):
        raise InputError("only one of mean and std is given, expected both or neither")
    if mean is None or std is None:
        constants = (getattr(model, "mean", None), getattr(model, "std", None))
        mean, std = constants if all(isinstance(value, torch.Tensor) for value in constants) else (0.0, 1.0)  # type: ignore[assignment]
    return _channels("mean", mean, images), _channels("std", std, images)


def _channels(name: str, values: Channels | None, images: torch.Tensor) -> torch.Tensor:
    """One finite value for each channel, positive for `std`."""
    channels = images.shape[1]
    tensor = torch.as_tensor(values, dtype=torch.float32, device=images.device).detach().flatten()
    if (
        len(tensor) not in (1, channels)
        or not bool(tensor.isfinite().all())
        or (name == "std" and float(tensor.min()) <= 0)
    ):
        limits = "finite and above 0" if name == "std" else "finite"
        raise InputError(
            f"{name} is {tensor.tolist()}, expected one value or {channels}, one for each channel, {limits}"
        )
    return tensor.expand(channels).reshape(1, channels, 1, 1)
