"""A normalisation that travels in a third party's checkpoint, under whichever name and in whichever unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from numbers import Real
from pathlib import Path
from typing import Any, NamedTuple

import torch

from ineq.errors import InputError
from ineq.models.architectures import build
from ineq.models.foreign_file import Mappings, read_mappings
from ineq.models.normalized import mean_or_std
from ineq.models.robustbench import is_of_zoo

TOLERANCE = 1e-4
"""How far a normalisation may be from the card's: people round it."""
DARKEST = 8
"""Of 255: where no value is larger, it is in no data set's mean or deviation, so not in this unit."""
IMAGENET = (0.485, 0.456, 0.406)
CLOSE = 0.005


class Space(NamedTuple):
    """Mean and standard deviation, a value a channel, in pixel values from 0 to 1; `name` is the mean's in the file."""

    name: str
    mean: list[float]
    std: list[float]

    def differs(self, other: Mapping[str, Sequence[float]]) -> str:
        """ "mean" or "std", whichever is not the same up to `TOLERANCE`; "" where both are."""
        for what, values in (("mean", self.mean), ("std", self.std)):
            if len(values) != len(other[what]) or not _near(values, other[what], TOLERANCE):
                return what
        return ""


def spaces(mappings: Mappings, channels: int) -> list[Space]:
    """Every mean that has its deviation beside it, is as long as images have channels, and may be one of pixels."""
    listed = []
    for keys, entries in mappings.items():
        pairs: dict[str, dict[str, tuple[str, list[float]]]] = defaultdict(dict)
        for name, value in entries.items():
            what, rest = mean_or_std(name)
            # A lone number further inside is more often of some measurement.
            if what and not (keys and isinstance(value, Real)) and len(values := _values(value)) in (1, channels):
                pairs[rest][what] = (f"{keys}.{name}".lstrip("."), values * (channels // len(values)))
        for pair in pairs.values():
            if len(pair) == 2 and (scale := _unit(pair["mean"][1], pair["std"][1])):
                (name, mean), (_, std) = pair["mean"], pair["std"]
                listed.append(Space(name, [value / scale for value in mean], [value / scale for value in std]))
    return listed


def carried_normalisation(path: Path, architecture: Mapping[str, Any]) -> tuple[list[float], list[float]] | None:
    """Mean and std, a value a channel, in pixel values from 0 to 1, that a checkpoint brings for its network.

    Where the network normalises by itself, they are 0 and 1; where the file says nothing, None. Raises `InputError`,
    naming the file, where it cannot be read, says several that differ, or what is ImageNet's for channels in BGR order.
    """
    channels = architecture["channels"]
    carried = spaces(read_mappings(path), channels)
    if _takes_pixels(architecture, bool(carried)):
        return [0.0] * channels, [1.0] * channels
    if not carried:
        return None
    first = carried[0]
    for other in carried[1:]:
        if first.differs(other._asdict()):
            raise InputError(
                f"{path} holds two normalisations, '{first.name}' {_shown(first.mean)} and '{other.name}' "
                f"{_shown(other.mean)} (std {_shown(first.std)} and {_shown(other.std)}), expected one"
            )
    if _near(first.mean, IMAGENET[::-1], CLOSE):
        raise InputError(
            f"{path} normalises with mean {_shown(first.mean)}, ImageNet's in reverse order: it takes images in BGR, "
            "expected a network that takes RGB"
        )
    return first.mean, first.std


def check_asked(
    path: Path, architecture: Mapping[str, Any], normalisation: Mapping[str, Sequence[float]], who: str
) -> None:
    """As `check_normalisation`, for a network that is not built yet; to one that takes pixels only 0 and 1 are told."""
    mappings = read_mappings(path)
    if not _takes_pixels(architecture, bool(spaces(mappings, architecture["channels"]))):
        check_normalisation(path, mappings, normalisation, who)
    elif any(normalisation["mean"]) or {*normalisation["std"]} != {1.0}:
        raise InputError(
            f"{path}: its network normalises by itself, but {who} {[*normalisation['mean']]} and "
            f"{[*normalisation['std']]}, expected neither, or 0 and 1"
        )


def _takes_pixels(architecture: Mapping[str, Any], carried: bool) -> bool:
    """Whether a network normalises by itself: one of RobustBench's, or one with a normalisation among its tensors."""
    if is_of_zoo(str(architecture["name"])):
        return True
    return carried and bool(normalisers(build(architecture).state_dict(), architecture["channels"]))


def normalisers(tensors: Mapping[str, torch.Tensor], channels: int) -> set[str]:
    """The names of those tensors that are a mean or a deviation of pixels."""
    beside = {space.name.rpartition(".")[0] for space in spaces({"": dict(tensors)}, channels)}
    return {name for name in tensors if mean_or_std(name)[0] and name.rpartition(".")[0] in beside}


def check_normalisation(
    path: Path, mappings: Mappings, normalisation: Mapping[str, Sequence[float]], who: str = "its card says"
) -> None:
    """Raise `InputError` where the file says another one: a network that is fed otherwise is another model."""
    for space in spaces(mappings, len(normalisation["mean"])):
        if what := space.differs(normalisation):
            bgr = what == "mean" and _near(space.mean[::-1], normalisation["mean"], TOLERANCE)
            raise InputError(
                f"{path} normalises with {what} {_shown(getattr(space, what))}, but {who} "
                f"{list(normalisation[what])}" + " (the same for channels in BGR order, expected RGB)" * bgr
            )


def _values(value: Any) -> list[float]:
    """Numbers of a tensor, a list, or one; none of anything else."""
    if isinstance(value, torch.Tensor):
        return value.flatten().tolist() if value.is_floating_point() and value.numel() <= 4 else []
    numbers = [value] if isinstance(value, Real) else value
    plain = isinstance(numbers, list | tuple) and all(isinstance(number, Real) for number in numbers)
    return [float(number) for number in numbers] if plain else []


def _unit(mean: Sequence[float], std: Sequence[float]) -> float:
    """The largest pixel value, 1 or 255, of the unit that both are in; 0 where they are of no pixels."""
    largest = max(*mean, *std)
    scale = 1 if largest <= 1 else 255 if largest >= DARKEST else 0
    fits = scale and min(mean) >= 0 and min(std) > 0 and largest <= scale
    return scale if fits else 0


def _near(values: Sequence[float], others: Sequence[float], tolerance: float) -> bool:
    return len(values) == len(others) and all(abs(a - b) <= tolerance for a, b in zip(values, others, strict=True))


def _shown(values: Sequence[float]) -> list[float]:
    return [round(value, 4) for value in values]
