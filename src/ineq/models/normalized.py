"""A network together with its own normalisation: pixel images go in, so nobody can forget to normalise."""

import math
import re
from collections.abc import Mapping, Sequence

import torch
from torch import nn

from ineq.errors import InputError

WORDS = {
    **dict.fromkeys(("mean", "means", "mu"), "mean"),
    **dict.fromkeys(("std", "stds", "sd", "stdev", "stddev", "sigma"), "std"),
}
"""What people call the two, in names such as `normalizer.new_mean`, `pixel_std`, `1.mean`, `imageMean`, `sigma`."""
MEASURED = re.compile(
    r"(acc|accurac[a-z]*|err|errors?|grad|gradients?|init[a-z]*|loss|losses|metrics?|noise|results?|rewards?|scores?"
    r"|targets?)\d*"
)
"""Words of what is measured, drawn or learned: no mean or deviation of it is one of pixels."""
OF_PIXELS = re.compile(
    r"data|datasets?|datamodule|images?|imgs?|inputs?|norm|normali[sz][a-z]*|pixels?|preproc[a-z]*|rgb|scaler"
    r"|standardi[sz][a-z]*|transforms?"
)
SETTINGS = re.compile(
    r"args|arguments|cfg|conf|configs?|configuration|hparams|hyper[a-z]*|meta|metadata|opts?|options?"
)
WRAPPING = re.compile(
    r"[01]?|buffers|checkpoint|dict|ema|fsdp|mod|model|modules?|net|network|orig|state|weights|wrapped"
)
"""Words of names for a network as a whole, or for its first layers: they say nothing of what is inside."""
BOUNDARY = re.compile(r"[\W_]|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def mean_or_std(name: str) -> tuple[str, str]:
    """Which of the two a name tells, and the name without the word: ("mean", "normalizer.new_*"); "" for neither."""
    place, _, last = name.rpartition(".")
    words = f"_{'_'.join(_words(last))}_".replace("_std_dev_", "_std_")[1:-1].split("_")
    for index, word in enumerate(words):
        if (what := WORDS.get(word)) and not _any(MEASURED, name):
            return what, f"{place}.{'_'.join([*words[:index], '*', *words[index + 1 :]])}"
    return "", name


def stands_for_all(rest: str) -> bool:
    """Whether one number may be that of every channel, by its name as `mean_or_std` gives it, without the word.

    It may be that of some measurement, too. So it counts under the bare word, at the top, in settings, or below what
    is about pixels; with more in its name only if that is about pixels.
    """
    place, _, last = rest.rpartition(".")
    if last != "*":
        return _any(OF_PIXELS, last)
    parts = [part for part in place.split(".") if not all(map(WRAPPING.fullmatch, _words(part)))]
    return not parts or _any(OF_PIXELS, place) or _any(SETTINGS, parts[-1])


def _any(words: re.Pattern[str], name: str) -> bool:
    """Whether a name has one of these words."""
    return any(map(words.fullmatch, _words(name)))


def _words(name: str) -> list[str]:
    """The words of a name such as `image_mean`, `imageMean`, `data.mean`, in small letters."""
    return [word.lower() for word in BOUNDARY.split(name)]


def is_normalising(space: Mapping[str, Sequence[float]]) -> bool:
    """Whether `mean` and `std`, a number a channel, change anything: 0 and 1 do not."""
    return any(space["mean"]) or {*space["std"]} != {1.0}


def for_each(values: Sequence[float], channels: int) -> list[float]:
    """A number a channel, also where one stands for all; any other count of them stays as it is."""
    return [*values] * (channels if len(values) == 1 else 1)


class Normalized(nn.Module):
    """Map pixel images in [0, 1], (N, C, H, W), to what `network` says of `(images - mean) / std`.

    `mean` and `std` hold one number per channel, in pixel units, and are kept as buffers of shape (1, C, 1, 1).
    Raises `InputError` when their lengths differ, a value is not finite, or a `std` is not positive.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, network: nn.Module, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        _check(mean, std)
        self.network = network
        self.register_buffer("mean", torch.tensor([*mean], dtype=torch.float32).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor([*std], dtype=torch.float32).view(1, -1, 1, 1))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits (N, classes) of pixel images (N, C, H, W)."""
        return self.network((images - self.mean) / self.std)


def _check(mean: Sequence[float], std: Sequence[float]) -> None:
    """Refuse a normalisation that cannot be applied or undone."""
    if len(mean) != len(std) or not len(mean):
        raise InputError(f"mean has {len(mean)} values and std {len(std)}, expected one of each per channel")
    if not all(map(math.isfinite, [*mean, *std])) or min(std) <= 0:
        raise InputError(f"mean {[*mean]} and std {[*std]}, expected finite numbers, every std above 0")
