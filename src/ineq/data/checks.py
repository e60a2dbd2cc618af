"""What the public functions accept: every refusal is one sentence with what was given and what is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ineq.errors import InputError

if TYPE_CHECKING:
    import torch

Array: TypeAlias = "torch.Tensor | np.ndarray"


def check_int(name: str, value: Any, low: int, high: int | None = None) -> int:
    """`value` as an int, or `InputError` unless it is a whole number of at least `low` and at most `high`."""
    fits = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not fits or value < low or (high is not None and value > high):
        limits = f"of at least {low}" if high is None else f"from {low} to {high}"
        raise InputError(f"{name} is {value!r}, expected a whole number {limits}")
    return int(value)


def as_images(images: Array, device: torch.device | None = None) -> torch.Tensor:
    """Pixel images as a float32 tensor (N, C, H, W) with values in [0, 1], cut off from any graph.

    A tensor must be on `device` (the model's; None is any), a numpy array is put there.
    """
    tensor = _tensor("images", images, "float", device, "the model").float()
    if tensor.ndim != 4 or not tensor.numel():
        raise InputError(f"images have shape {tuple(tensor.shape)}, expected (N, C, H, W), none of them 0")
    low, high = float(tensor.min()), float(tensor.max())
    # A NaN makes both of them NaN, and fails the comparison.
    if not 0 <= low <= high <= 1:
        raise InputError(f"images have values from {low:g} to {high:g}, expected finite values in [0, 1]")
    return tensor


def as_labels(labels: Array, images: torch.Tensor) -> torch.Tensor:
    """Class labels as an int64 tensor (N,) on the device of `images`; `refuse_beyond` checks their upper end."""
    tensor = _tensor("labels", labels, "integer", images.device, "the images").long()
    if tuple(tensor.shape) != (len(images),):
        raise InputError(f"labels have shape {tuple(tensor.shape)}, expected ({len(images)},), one for each image")
    if int(tensor.min()) < 0:
        raise InputError(f"labels go down to {int(tensor.min())}, expected class numbers from 0")
    return tensor


def refuse_beyond(labels: torch.Tensor, classes: int) -> None:
    """Raise `InputError` when a label is not one of the model's classes."""
    if int(labels.max()) >= classes:
        raise InputError(
            f"labels go up to {int(labels.max())}, expected 0 to {classes - 1}, the model's {classes} classes"
        )


def as_maps(maps: Array, images: torch.Tensor) -> torch.Tensor:
    """Attribution maps as a finite tensor of the shape and device of `images`, float32 or, if they came so, float64."""
    tensor = _tensor("maps", maps, "float", images.device, "the images")
    if tensor.shape != images.shape:
        raise InputError(f"maps have shape {tuple(tensor.shape)}, expected {tuple(images.shape)}, that of the images")
    if not bool(tensor.isfinite().all()):
        raise InputError("maps hold NaN or infinite values, expected finite ones")
    # float64 stays: rounding it would make ties that the maps do not have.
    return tensor if tensor.element_size() == 8 else tensor.float()


def as_indices(indices: Sequence[int] | Array | None, count: int) -> np.ndarray:
    """What keys the random draws of each image, int64 (count,): 0 to count − 1 unless given."""
    if indices is None:
        return np.arange(count)
    numbers = np.asarray(indices.tolist() if hasattr(indices, "tolist") else indices)  # type: ignore[union-attr]
    if numbers.shape != (count,) or numbers.dtype.kind not in "iu":
        raise InputError(
            f"indices are {numbers.dtype} {numbers.shape}, expected whole numbers ({count},), one for each image"
        )
    if numbers.min() < 0 or len(np.unique(numbers)) < count:
        raise InputError("indices hold a negative number or one number twice, expected each image's own, from 0")
    return numbers.astype(np.int64)


def _tensor(name: str, values: Any, kind: str, device: torch.device | None, owner: str) -> torch.Tensor:
    """A torch tensor of the wanted kind of number on the wanted device, in row-major order whatever its layout was.

    Results so do not depend on how the caller's values lie in memory, and no view of them is ever written to.
    """
    import torch

    from ineq.device import same_device

    if isinstance(values, np.ndarray):
        code = values.dtype.kind
        actual = "float" if code == "f" else "integer" if code in "iu" else "other"
        # A copy: torch neither takes read-only nor byte-swapped arrays as they are.
        tensor = torch.from_numpy(values.astype(values.dtype.newbyteorder("="))).to(device) if actual == kind else None
    elif isinstance(values, torch.Tensor):
        whole_numbers = not (values.is_floating_point() or values.is_complex() or values.dtype == torch.bool)
        actual = "float" if values.is_floating_point() else "integer" if whole_numbers else "other"
        tensor = values.detach()
    else:
        raise InputError(f"{name} are a {type(values).__name__}, expected a torch tensor or a numpy array")
    if tensor is None or actual != kind:
        raise InputError(f"{name} are {values.dtype}, expected {kind} values")
    if tensor.device.type == "meta" or (device is not None and not same_device(tensor.device, device)):
        raise InputError(f"{name} are on {tensor.device}, expected {device or 'real values'}, as {owner}")
    # By way of one dimension: with one channel, a tensor in another order may say that it is contiguous already.
    return tensor.contiguous().view(-1).view(tensor.shape)
