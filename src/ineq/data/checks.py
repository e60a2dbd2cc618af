"""What the public functions accept: every refusal is one sentence with what was given and what is wanted."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ineq.errors import InputError, first_line

if TYPE_CHECKING:
    import torch
    from torch import nn

Array: TypeAlias = "torch.Tensor | np.ndarray"
"""What holds numbers; another framework's array, by `__array__` or DLPack, counts as one of numpy."""

ROUNDING = 1e-6
"""How far pixels may lie outside [0, 1]: what float32 leaves of them when a normalisation is undone."""


def check_int(name: str, value: Any, low: int, high: int | None = None) -> int:
    """`value` as an int, or `InputError` unless it is a whole number of at least `low` and at most `high`."""
    fits = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not fits or value < low or (high is not None and value > high):
        limits = f"of at least {low}" if high is None else f"from {low} to {high}"
        raise InputError(f"{name} is {value!r}, expected a whole number {limits}")
    return int(value)


def check_model(model: Any) -> None:
    """Raise `InputError` for what is no module, or has no weights yet."""
    from torch import nn

    if not isinstance(model, nn.Module):
        actual = f"the class {model.__name__}" if isinstance(model, type) else f"of type {type(model).__name__}"
        # A function does not say whether it is in eval mode, nor on which device.
        raise InputError(f"model is {actual}, expected a torch.nn.Module, itself and not its state dict or a function")
    if lazy := lazy_tensor(model):
        raise InputError(f"the model's {lazy[0]} has no shape yet, expected a model that has seen a batch of images")


def lazy_tensor(model: nn.Module) -> tuple[str, nn.Module] | None:
    """The name of a parameter or buffer that gets its shape from the first batch only, and its layer."""
    from torch.nn.parameter import is_lazy

    for place, layer in model.named_modules():
        tensors = (layer.named_parameters(place, recurse=False), layer.named_buffers(place, recurse=False))
        for name, tensor in chain(*tensors):
            if is_lazy(tensor):
                return name, layer
    return None


def as_images(images: Array, device: torch.device | None = None) -> torch.Tensor:
    """Pixel images as a float32 tensor (N, C, H, W) with values in [0, 1], cut off from any graph.

    What lies outside by no more than `ROUNDING` is clipped. A tensor must be on `device` (the model's; None is any), a
    numpy array is put there.
    """
    import torch

    tensor = _tensor("images", images, "float", device, "the model").float()
    if tensor.ndim != 4 or not tensor.numel():
        raise InputError(f"images have shape {tuple(tensor.shape)}, expected (N, C, H, W), none of them 0")
    # Both at once, for which the CPU waits for a GPU.
    low, high = torch.stack(tensor.aminmax()).tolist()
    # A NaN makes both of them NaN, and fails the comparison.
    if not -ROUNDING <= low <= high <= 1 + ROUNDING:
        # As text, a float32 has the digits that tell it from its neighbours.
        reach = f"from {np.float32(low)!s} to {np.float32(high)!s}"
        raise InputError(f"images have values {reach}, expected finite values in [0, 1]")
    return tensor if low >= 0 and high <= 1 else tensor.clamp(0, 1)


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
    numbers = as_numpy("indices", indices)
    if numbers.shape != (count,) or numbers.dtype.kind not in "iu":
        raise InputError(
            f"indices are {numbers.dtype} {numbers.shape}, expected whole numbers ({count},), one for each image"
        )
    if numbers.min() < 0 or len(np.unique(numbers)) < count:
        raise InputError("indices hold a negative number or one number twice, expected each image's own, from 0")
    return numbers.astype(np.int64)


def as_numpy(name: str, values: Any) -> np.ndarray:
    """Any kind of array, or nested lists, as a numpy array of whatever its values are; shared where it can be."""
    if is_tensor(values):
        if values.device.type == "meta":
            raise InputError(f"{name} are on the meta device, expected real values")
        tensor = _plain(name, values).cpu()
        return (tensor.float() if tensor.element_size() < 4 and tensor.is_floating_point() else tensor).numpy()
    if any(map(np.ma.is_masked, values if isinstance(values, list | tuple) else [values])):
        raise InputError(f"{name} are masked in part, expected an array without a mask: filled, or compressed")
    if isinstance(values, list | tuple) and all(map(is_tensor, values)):
        values = [as_numpy(name, one) for one in values]  # older numpys take no list of them
    try:
        by_dlpack = hasattr(values, "__dlpack__") and not hasattr(values, "__array__")
        return np.from_dlpack(values) if by_dlpack else np.asarray(values)  # pyright: ignore[reportArgumentType]
    except Exception as error:
        reason = f"a {type(values).__name__} that is ragged or can't be read as one array ({first_line(error)})"
        raise InputError(f"{name} are {reason}, expected an array") from error


def is_tensor(values: Any) -> bool:
    """Whether it is a tensor of torch, which is not imported for the answer."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(values, torch.Tensor)


def _plain(name: str, values: torch.Tensor) -> torch.Tensor:
    """A tensor's own values, cut off from any graph and subclass, or `InputError` where not every place holds one."""
    import torch

    kinds = {
        "a quantised tensor": values.is_quantized,
        "a nested tensor": values.is_nested,
        "a masked tensor": hasattr(values, "get_mask"),
        f"a tensor of layout {values.layout}": values.layout != torch.strided,
    }
    if kind := next((kind for kind, it_is in kinds.items() if it_is), None):
        raise InputError(f"{name} are {kind}, expected a dense one with a number at each place")
    plain = values.detach()
    return (plain if type(plain) is torch.Tensor else plain.as_subclass(torch.Tensor)).resolve_neg()


def _tensor(name: str, values: Any, kind: str, device: torch.device | None, owner: str) -> torch.Tensor:
    """A torch tensor of the wanted kind of number on the wanted device, in row-major order whatever its layout was.

    Results so do not depend on how the caller's values lie in memory, and no view of them is ever written to.
    """
    import torch

    from ineq.device import same_device

    if isinstance(values, torch.Tensor):
        whole_numbers = not (values.is_floating_point() or values.is_complex() or values.dtype == torch.bool)
        actual = "float" if values.is_floating_point() else "integer" if whole_numbers else "other"
        tensor = _plain(name, values)
    elif hasattr(values, "__array__") or hasattr(values, "__dlpack__"):
        values = as_numpy(name, values)
        code = values.dtype.kind
        actual = "float" if code == "f" else "integer" if code in "iu" else "other"
        # A copy in a type that torch has: it takes neither read-only nor byte-swapped arrays as they are.
        taken = np.int64 if actual == "integer" else np.float32 if values.dtype.itemsize <= 4 else np.float64
        tensor = torch.from_numpy(values.astype(taken)).to(device) if actual == kind else None
    else:
        raise InputError(f"{name} are a {type(values).__name__}, expected a torch tensor or a numpy array")
    if tensor is None or actual != kind:
        raise InputError(f"{name} are {values.dtype}, expected {kind} values")
    if tensor.device.type == "meta" and not is_tensor(values):
        raise InputError(f"{owner} is on the meta device, expected one that holds values")
    if tensor.device.type == "meta" or (device is not None and not same_device(tensor.device, device)):
        raise InputError(f"{name} are on {tensor.device}, expected {device or 'real values'}, as {owner}")
    # By way of one dimension: with one channel, a tensor in another order may say that it is contiguous already.
    return tensor.contiguous().view(-1).view(tensor.shape)
