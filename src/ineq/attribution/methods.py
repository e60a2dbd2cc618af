"""Attribution maps with captum, image by image the same in any batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice, tee
from numbers import Real
from typing import Any, TypeVar, cast

import numpy as np
import torch
from torch import nn

from ineq.data.checks import Array, as_images, as_indices, as_labels, check_int, is_tensor, refuse_beyond
from ineq.data.random_fields import normal_fields, uniform_numbers
from ineq.device import device_of
from ineq.errors import InputError, refuse_unknown
from ineq.models.forward import (
    BATCH_SIZE,
    Channels,
    Progress,
    answer,
    batches,
    evaluating,
    normalisation,
    silent,
)
from ineq.models.probe import classes_of, refuse_without_gradient

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
        shape, device = self.images.shape[1:], self.images.device
        return normal_fields(self.seed, purpose, self.indices, shape, draw, device=device)

    def noised(self, purpose: str, samples: int, stdev: float) -> Iterator[torch.Tensor]:
        """`samples` times the images with N(0, stdev²) noise of the normalised space, in pixel units, (B, C, H, W)."""
        if not isinstance(stdev, Real) or not 0 <= stdev < np.inf:
            raise InputError(f"stdev is {stdev!r}, expected a finite number of at least 0")
        # ASSUME(§A.8): not clipped, and like baselines the same for every model.
        for draw in range(check_int("samples", samples, 1)):
            yield self.images + float(stdev) * self.std * self.normal(purpose, draw)

    @property
    def zero(self) -> torch.Tensor:
        """0 of the normalised space, the mean colour, in pixel units, (B, C, H, W)."""
        return self.mean.expand_as(self.images)


def integrated_gradients(model: nn.Module, batch: Batch, *, steps: int, baseline: str) -> torch.Tensor:
    """Integrated Gradients, (B, C, H, W), over `steps` Gauss–Legendre points from the baseline to the image."""
    return _integral(model, batch, batch.images, _start(batch, baseline=baseline), steps)


def _start(batch: Batch, *, baseline: str = "zero", **_: Any) -> torch.Tensor:
    """The baseline that a method's options name, in pixel units, (B, C, H, W)."""
    # ASSUME(§A.8): "zero" is 0 of the normalised space, as in the authors' code.
    if baseline == "zero":
        return batch.zero
    # PAPER §A.8: baseline ∈ N(0, 1). ASSUME(§A.8): drawn in normalised space, one field per image, not clipped.
    return batch.zero + batch.std * batch.normal("integrated-gradients-baseline")


def _integral(model: nn.Module, batch: Batch, end: torch.Tensor, start: torch.Tensor, steps: int) -> torch.Tensor:
    """Integrated Gradients from `start` to `end`, both (B, C, H, W)."""
    from captum.attr import IntegratedGradients  # only here and in two more functions: captum imports matplotlib

    # Taken over pixels, they are those of the normalised space: that is a linear change of each coordinate.
    # captum splits the steps itself, but never the images: `rows` of at least B is what it needs for that.
    return IntegratedGradients(partial(answer, model)).attribute(
        end,
        baselines=start,
        target=batch.labels,
        n_steps=check_int("steps", steps, 1),
        method="gausslegendre",  # ASSUME(§A.8): captum's default
        internal_batch_size=batch.rows,
    )


def input_x_gradient(model: nn.Module, batch: Batch) -> torch.Tensor:
    """Input × Gradient, (B, C, H, W)."""
    from captum.attr import InputXGradient

    # ASSUME(§A.8): the input is the pixel image, so that black counts for nothing.
    return InputXGradient(partial(answer, model)).attribute(batch.images.clone().requires_grad_(), target=batch.labels)


# captum's GradientShap and NoiseTunnel draw from the global generators, all rows of a batch at once: their maps would
# change with the batch size. So noise comes from `Batch`, one draw at a time, and captum only differentiates.


def gradient_shap(model: nn.Module, batch: Batch, *, samples: int, stdev: float) -> torch.Tensor:
    """GradientSHAP, (B, C, H, W): mean of gradient × (noisy image − zero) at random points between the two."""
    start = batch.zero  # PAPER §A.8: baseline = 0

    def point(draw: int, way: torch.Tensor) -> torch.Tensor:
        parts = uniform_numbers(batch.seed, "gradient-shap-point", batch.indices, draw, device=way.device)
        return start + parts.reshape(-1, 1, 1, 1) * way

    ways, again = tee(noisy - start for noisy in batch.noised("gradient-shap-noise", samples, stdev))
    points = (point(draw, way) for draw, way in enumerate(ways))
    return _mean(way * gradient for way, gradient in zip(again, _gradients(model, batch, points), strict=True))


def smoothgrad(
    model: nn.Module, batch: Batch, *, samples: int, stdev: float, steps: int, base: str, type: str
) -> torch.Tensor:
    """SmoothGrad, (B, C, H, W): mean over noisy images of the `base` method's maps, or of their squares."""
    noisy = batch.noised("smoothgrad-noise", samples, stdev)
    if base == "gradient":
        maps = _gradients(model, batch, noisy)
    else:
        # ASSUME(§A.8): from zero, captum's default, and not from another field of noise.
        maps = (_integral(model, batch, images, batch.zero, steps) for images in noisy)
    # PAPER §A.8: "returns the mean". ASSUME(§A.8): of the maps; the authors' code takes the mean of their squares.
    return _mean((values.double().square() for values in maps) if type == "smoothgrad_sq" else maps)


def _gradients(model: nn.Module, batch: Batch, points: Iterator[torch.Tensor]) -> Iterator[torch.Tensor]:
    """Gradients of the labels' logits at each of `points`, all (B, C, H, W), signed; as many at once as rows allow."""
    from captum.attr import Saliency

    at_once = max(1, batch.rows // len(batch.labels))
    while some := list(islice(points, at_once)):
        pixels, labels = torch.cat(some).requires_grad_(), batch.labels.repeat(len(some))
        yield from Saliency(partial(answer, model)).attribute(pixels, target=labels, abs=False).split(len(batch.labels))


def _mean(maps: Iterable[torch.Tensor]) -> torch.Tensor:
    """Mean of maps (B, C, H, W), one in memory at a time, in float64 so that their order and number add no error."""
    total, count = torch.zeros(()), 0
    for values in maps:
        total, count = total.to(values.device) + values.detach().double(), count + 1
    return total / count


def _black(batch: Batch, **_: Any) -> torch.Tensor:
    return torch.zeros_like(batch.images)


@dataclass(frozen=True)
class Method:
    """An attribution method: the function, its options with their defaults, and the words an option may be.

    `baseline` gives what the method measures images from, in pixel units, from a batch and the options.
    """

    function: Callable[..., torch.Tensor]
    options: Mapping[str, Any]
    choices: Mapping[str, Sequence[str]]
    baseline: Callable[..., torch.Tensor] = _start


METHODS: dict[str, Method] = {
    "integrated_gradients": Method(
        integrated_gradients, {"steps": 20, "baseline": "normal"}, {"baseline": ("normal", "zero")}
    ),
    "input_x_gradient": Method(input_x_gradient, {}, {}, _black),
    "gradient_shap": Method(gradient_shap, {"samples": 10, "stdev": 0.01}, {}),
    "smoothgrad": Method(
        smoothgrad,
        {"samples": 20, "stdev": 0.2, "steps": 20, "base": "integrated_gradients", "type": "smoothgrad"},
        {"base": ("integrated_gradients", "gradient"), "type": ("smoothgrad", "smoothgrad_sq")},
    ),
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
    progress: Progress = silent,
    **options: Any,
) -> Images:
    """Attribution of each label's logit to the pixels, float32 (N, C, H, W); numpy or torch in, the same out.

    `images` are (N, C, H, W) in [0, 1], `labels` (N,) the true classes. `method` is a key of `METHODS` and `options`
    are its options. Random fields are keyed by (`seed`, index), an index being the place in `images` unless `indices`
    says otherwise; they are drawn in the space that `mean` and `std` (in pixel units) normalise to (see
    `ineq.models.forward.normalisation`). No forward pass has more than `batch_size` (256) rows, and nothing depends on
    it. The model and the global random state stay as they are. `progress` gets the number of images done, and of all.

    Raises `InputError` for a bad argument, and a model without finite logits or gradients (see `ineq.models.probe`).
    """
    all_options = options_of(method, options)
    pixels = as_images(images, device_of(model))
    truth = as_labels(labels, pixels)
    keys, seed = as_indices(indices, len(pixels)), check_int("seed", seed, 0)
    mean, std = normalisation(model, pixels, mean, std)
    refuse_beyond(truth, classes_of(model, pixels, batch_size))
    refuse_without_gradient(model, pixels)
    rows = BATCH_SIZE if batch_size is None else batch_size
    maps = []
    with evaluating(model), torch.inference_mode(False):  # captum needs gradients even where the caller does not
        for part in batches(len(pixels), batch_size):
            batch = Batch(pixels[part].clone(), truth[part].clone(), keys[part], seed, mean, std, rows)
            maps.append(METHODS[method].function(model, batch, **all_options).detach().float())
            progress(part.stop, len(pixels))
    result = _finite(torch.cat(maps), method)
    return cast(Images, result if is_tensor(images) else result.cpu().numpy())


def options_of(method: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The method's options, defaults filled in. Raises `InputError` for an unknown one, and text for a number."""
    refuse_unknown("attribution method", str(method), METHODS)
    entry = METHODS[method]
    if not isinstance(options, Mapping):
        raise InputError(f"options are of type {type(options).__name__}, expected a mapping of names to values")
    for name, value in options.items():
        refuse_unknown(f"option of {method}", str(name), entry.options)
        if isinstance(entry.options[name], int | float) and not isinstance(value, Real):
            raise InputError(f"{name} is {value!r}, expected a number")
        if name in entry.choices:
            refuse_unknown(name, str(value), entry.choices[name])
    return {**entry.options, **options}


def _finite(maps: torch.Tensor, method: str) -> torch.Tensor:
    """`maps`, or `InputError` where the model's gradients overflowed."""
    if not bool(maps.isfinite().all()):
        raise InputError(
            f"{method} gives NaN or infinite values, expected a model with finite gradients at these images"
        )
    return maps
