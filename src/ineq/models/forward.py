"""The one way a model is run: in eval mode, without gradients, in batches, its answer checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import zip_longest
from typing import Any

import numpy as np
import torch
from torch import nn

from ineq.data.checks import as_numpy, check_int, check_model
from ineq.errors import InputError, of_device, reason
from ineq.models.normalized import WORDS, mean_or_std, stands_for_all

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
    """Eval mode inside; afterwards every module has its own training flag back.

    Raises `InputError` for what is no module, or has no weights yet.
    """
    check_model(model)
    # A frozen module of TorchScript has no flag, an exported one no other mode than that of its export.
    flags = [(module, module.training) for module in model.modules() if hasattr(module, "training")]
    try:
        if any(training for _, training in flags):
            try:
                model.eval()
            except NotImplementedError:
                for module, _ in flags:
                    module.training = False
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
    with evaluating(model):
        logits = logits_of(model, images, batch_size).cpu()
    refuse_infinite(logits)
    return logits


def logits_of(model: nn.Module, images: torch.Tensor, batch_size: int | None) -> torch.Tensor:
    """As `predict_logits`, inside `evaluating`, on the device of the images and unchecked: no CPU waits for a GPU."""
    with torch.no_grad():
        return torch.cat([answer(model, images[rows]).detach().float() for rows in batches(len(images), batch_size)])


def refuse_infinite(logits: torch.Tensor) -> None:
    """Raise `InputError` where logits (N, classes) are NaN or infinite."""
    if not bool(logits.isfinite().all()):
        bad = int((~logits.isfinite()).any(1).sum())
        raise InputError(f"the model's logits hold NaN or infinite values for {bad} of {len(logits)} images")


def predict_labels(model: nn.Module, images: torch.Tensor, batch_size: int | None = None) -> np.ndarray:
    """The class of the highest logit, int16 (N,); of equal logits the first."""
    return predict_logits(model, images, batch_size).argmax(1).numpy().astype(np.int16)


def answer(model: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Logits (N, classes) that a model gives for pixel images (N, C, H, W) in one forward pass, checked.

    The model gets a copy: its first layer may work in place, where a gradient is asked for, too. Of an object with
    `logits`, as models of Hugging Face give one, these are taken. Raises `InputError` as `predict_logits` does.
    """
    question = f"images of shape {tuple(images.shape)}"
    with blaming(f"the model refuses {question}, float32"):
        logits = ask(model, images)
    if not isinstance(logits, torch.Tensor):
        actual = f"a {type(logits).__name__}"
    else:
        actual = f"{tuple(logits.shape)} of {logits.dtype}"
        plain = logits.layout == torch.strided and not (logits.is_complex() or logits.is_quantized)
        if plain and logits.ndim == 2 and len(logits) == len(images) and logits.shape[1] > 1:
            return logits
    expected = f"expected logits ({len(images)}, classes), real numbers for at least 2 classes"
    raise InputError(f"the model gives {actual} for {question}, {expected}")


def ask(model: nn.Module, images: torch.Tensor) -> Any:
    """As `answer`, unchecked."""
    result = model(images.clone())
    return getattr(result, "logits", result)


@contextmanager
def blaming(what: str) -> Iterator[None]:
    """Make any error inside a sentence that begins with `what`, unless it is of the device or its memory."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        if isinstance(error, MemoryError) or of_device(error):
            raise
        raise InputError(f"{what}: {reason(error)}") from error


Channels = float | Sequence[float] | np.ndarray | torch.Tensor


def normalisation(
    model: nn.Module, images: torch.Tensor, mean: Channels | None = None, std: Channels | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and std of the normalised space, pixel units, each (1, C, 1, 1) on the device of `images`.

    Where they are not given, they are those that the model itself applies to its images: of a `Normalized` or another
    module that holds them (see `_held`), under any wrappers. A model that holds none, or two that differ, has pixel
    space: 0 and 1.
    """
    if (mean is None) != (std is None):
        raise InputError("only one of mean and std is given, expected both or neither")
    if mean is None or std is None:
        spaces = {str([value.tolist() for value in space]): space for space in _spaces(model, images)}
        mean, std = next(iter(spaces.values())) if len(spaces) == 1 else (0.0, 1.0)
    return _channels("mean", mean, images), _channels("std", std, images)


def _spaces(module: nn.Module, images: torch.Tensor, inside: bool = False) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """What modules hold to which the pixels may come unchanged: of a `Sequential` only the first is one."""
    if held := _held(module, images, inside):
        return [held]
    children = [*module.children()]
    first = children[:1] if isinstance(module, nn.Sequential) else children
    return [space for child in first for space in _spaces(child, images, inside=True)]


def _held(module: nn.Module, images: torch.Tensor, inside: bool) -> tuple[torch.Tensor, torch.Tensor] | None:
    """A module's mean and std, each (C,), if they can be those of pixels in [0, 1].

    A layer must also do what they say, as torchvision's `Normalize` does, and a layer of noise does not; a network
    inside another must take images, as a head does not.
    """
    pairs: dict[str, dict[str, torch.Tensor]] = defaultdict(dict)
    # What torch.jit has made a constant, a module does not list.
    for name in sorted({*dir(module), *WORDS}):
        what, rest = mean_or_std(name)
        if what and (values := _constants(module, name, images, alone=stands_for_all(rest))) is not None:
            pairs[rest][what] = values
    for pair in pairs.values():
        if (
            len(pair) == 2
            and pair["mean"].min() >= 0
            and pair["std"].min() > 0
            and max(map(torch.max, pair.values())) <= 1
        ):
            layers = any(True for _ in module.children())
            if (layers and not inside) or _normalises(module, images[:1], **pair, layers=layers):
                return pair["mean"], pair["std"]
    return None


def _constants(module: nn.Module, name: str, images: torch.Tensor, alone: bool) -> torch.Tensor | None:
    """A module's tensor or sequence of one number for each channel, or, where its name lets it stand `alone`, for all.

    Float32; None where it is no such thing: a number with more in its name is of some measurement.
    """
    with suppress(Exception):  # of a property, or of values that are no numbers
        values = getattr(module, name)
        if isinstance(values, torch.Tensor | np.ndarray | list | tuple | float):
            array = as_numpy(name, values)
            numbers = torch.from_numpy(array.astype(np.float32).flatten())
            each = array.ndim > 0 and len(numbers) == images.shape[1]
            return numbers.expand(images.shape[1]) if alone or each else None
    return None


def _normalises(module: nn.Module, images: torch.Tensor, mean: torch.Tensor, std: torch.Tensor, layers: bool) -> bool:
    """Whether a layer gives (images − mean) / std of images; one that gives logits, or has layers, takes them only."""
    expected = (images - _channels("mean", mean, images)) / _channels("std", std, images)
    with suppress(Exception), evaluating(module), torch.no_grad():  # whatever it is, it is no normalisation
        actual = module(images.clone())
        return layers or actual.ndim == 2 or torch.allclose(actual, expected, atol=1e-4)
    return False


def _channels(name: str, values: Channels | None, images: torch.Tensor) -> torch.Tensor:
    """One finite value for each channel, positive for `std`."""
    channels = images.shape[1]
    numbers = as_numpy(f"values of {name}", values)
    if numbers.dtype.kind not in "biuf":
        raise InputError(f"{name} is {values!r}, expected one number or {channels}, one for each channel")
    tensor = torch.from_numpy(numbers.astype(np.float32)).flatten()
    if (
        len(tensor) not in (1, channels)
        or not bool(tensor.isfinite().all())
        or (name == "std" and float(tensor.min()) <= 0)
    ):
        limits = "finite and above 0" if name == "std" else "finite"
        raise InputError(
            f"{name} is {tensor.tolist()}, expected one value or {channels}, one for each channel, {limits}"
        )
    return tensor.expand(channels).reshape(1, channels, 1, 1).to(images.device)
