"""Attribution maps with captum, image by image the same in any batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np
import torch
from captum.attr import InputXGradient, IntegratedGradients
from torch import nn

from ineq.data.checks import Array, as_images, as_indices, as_labels, refuse_beyond, whole
from ineq.data.draws import normal_fields
from ineq.errors import InputError, refuse_unknown
from ineq.models.forward import BATCH_SIZE, Channels, batches, device_of, evaluating, normalisation, predict_logits

Images = TypeVar("Images", torch.Tensor, np.ndarray)


@dataclass(frozen=True)
class Batch:
    """What a method works on: images (B, C, H, W), labels (B,) and what its random draws are keyed by."""

    images: torch.Tensor
    labels: torch.Tensor
    indices: np.ndarray
    seed: int
    mean: torch.Tensor
    std: torch.Tensor
    rows: int
    """The most rows a forward pass may have; at least B."""

    def normal(self, purpose: str, draw: int = 0) -> torch.Tensor:
        """N(0, 1) fields of the normalised space, (B, C, H, W), one per image."""
        fields = normal_fields(self.seed, purpose, self.indices, self.images.shape[1:], draw)
        return torch.from_numpy(fields).to(self.images.device)


def integrated_gradients(model: nn.Module, batch: Batch, *, steps: int, baseline: str) -> torch.Tensor:
    """Integrated Gradients, (B, C, H, W), over `steps` Gauss–Legendre points from the baseline to the image."""
    # Taken over pixels, they are those of the normalised space: that is a linear change of each coordinate.
    # ASSUME(§A.8): "zero" is 0 of the normalised space, the mean colour, as in the authors' code.
    start = batch.mean.expand_as(batch.images)
    if baseline == "normal":
        # PAPER §A.8: baseline ∈ N(0, 1). ASSUME(§A.8): drawn in normalised space, one field per image, not clipped.
        start = start + batch.std * batch.normal("integrated-gradients-baseline")
    # captum splits the steps itself, but never the images: `rows` of at least B is what it needs for that.
    return IntegratedGradients(model).attribute(
        batch.images,
        baselines=start,
        target=batch.labels,
        n_steps=whole("steps", steps, 1),
        method="gausslegendre",  # ASSUME(§A.8): captum's default
        internal_batch_size=batch.rows,
    )


def input_x_gradient(model: nn.Module, batch: Batch) -> torch.Tensor:
    """Input × Gradient, (B, C, H, W)."""
    # ASSUME(§A.8): the input is the pixel image, so that black counts for nothing.
    return InputXGradient(model).attribute(batch.images.clone().requires_grad_(), target=batch.labels)


@dataclass(frozen=True)
class Method:
    """An attribution method: the function, its options with their defaults, and the words an option may be."""

    function: Callable[..., torch.Tensor]
    options: Mapping[str, Any]
    choices: Mapping[str, Sequence[str]]


METHODS: dict[str, Method] = {
    "integrated_gradients": Method(
        integrated_gradients, {"steps": 20, "baseline": "normal"}, {"baseline": ("normal", "zero")}
    ),
    "input_x_gradient": Method(input_x_gradient, {}, {}),
}


def attribute(
    model: nn.Module,
    images: Images,
    labels: Array,
    method: str = "integrated_gradients",
    *,
    seed: int = 0,
    batch_size: int | None = None,
    indices: Sequence[int] | Array | None = None,
    mean: Channels | None = None,
    std: Channels | None = None,
    **options: Any,
) -> Images:
    """Attribution of each label's logit to the pixels, float32 (N, C, H, W); numpy or torch in, the same out.

    `images` are (N, C, H, W) in [0, 1], `labels` (N,) the true classes. `method` is a key of `METHODS` and `options`
    are its options. Random fields are keyed by (`seed`, index), an index being the place in `images` unless `indices`
    says otherwise; they are drawn in the space that `mean` and `std` (in pixel units) normalise to, by default that of
    a `Normalized` model, else pixel space. No forward pass has more than `batch_size` (256) rows, and nothing depends
    on it. The model's flags and gradients, and the global random state, stay as they are.

    Raises `InputError` for a bad argument, and where the model gives no finite logits or gradients.
    """
    chosen = _options(method, options)
    pixels = as_images(images, device_of(model))
    truth = as_labels(labels, pixels)
    keys, seed = as_indices(indices, len(pixels)), whole("seed", seed, 0)
    mean, std = normalisation(model, pixels, mean, std)
    refuse_beyond(truth, predict_logits(model, pixels[:1]).shape[1])
    rows = BATCH_SIZE if batch_size is None else batch_size
    maps = []
    with evaluating(model), torch.inference_mode(False):  # captum needs gradients even where the caller does not
        for part in batches(len(pixels), batch_size):
            batch = Batch(pixels[part].clone(), truth[part].clone(), keys[part], seed, mean, std, rows)
            maps.append(METHODS[method].function(model, batch, **chosen).detach().float())
    result = _finite(torch.cat(maps), method)
    return cast(Images, result.cpu().numpy() if isinstance(images, np.ndarray) else result)


def _options(method: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The method's options, defaults filled in."""
    refuse_unknown("attribution method", str(method), METHODS)
    entry = METHODS[method]
    for name, value in given.items():
        refuse_unknown(f"option of {method}", name, entry.options)
        if name in entry.choices:
            refuse_unknown(name, str(value), entry.choices[name])
    return {**entry.options, **given}


def _finite(maps: torch.Tensor, method: str) -> torch.Tensor:
    """`maps`, or `InputError` where the model's gradients overflowed."""
    if not bool(maps.isfinite().all()):
        raise InputError(f"{method} gives NaN or infinite values: wanted a model with finite gradients at these images")
    return maps
