"""A normalisation that travels in a third party's checkpoint, under whichever name and in whichever unit."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch

from ineq.errors import InputError
from ineq.models.architectures import build
from ineq.models.foreign_file import Mappings, read_mappings
from ineq.models.inert import LONGEST
from ineq.models.normalized import for_each, is_normalising, mean_or_std, stands_for_all
from ineq.models.robustbench import is_of_zoo

TOLERANCE = 1e-4
"""How far a normalisation may be from the card's: people round it."""
DARKEST = 8
"""Of 255: where no value is larger, it is in no data set's mean or deviation, so not in this unit."""
IMAGENET = (0.485, 0.456, 0.406)
CLOSE = 0.005
LETTERS = ("mu", "sigma")
PAIR = re.compile("normali[sz]e", re.IGNORECASE)
"""In the name of a list that is the mean and the deviation."""


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


class _Part(NamedTuple):
    """A mean or a deviation; `each` says that it surely has a value for each channel, not one that may be any."""

    name: str
    values: list[float]
    each: bool


def spaces(mappings: Mappings, channels: int) -> list[Space]:
    """Every mean that has its deviation beside it, is as long as images have channels, and may be one of pixels."""
    listed = []
    for keys, entries in mappings.items():
        pairs: dict[str, dict[str, _Part]] = defaultdict(dict)
        # Where both are there, `std` is meant, and `sigma` is of something else, such as noise.
        for name in sorted(entries, key=lambda name: not name.lower().endswith(LETTERS)):
            for what, rest, part in _parts(f"{keys}.{name}".lstrip("."), entries[name], channels):
                pairs[rest][what] = part
        for rest, pair in pairs.items():
            if len(pair) == 2 and (pair["mean"].each or pair["std"].each or stands_for_all(rest)):
                listed += _space(pair["mean"], pair["std"], channels)
    return listed


def _parts(name: str, value: Any, channels: int) -> Iterator[tuple[str, str, _Part]]:
    """What an entry says: of a mean or a deviation which, what else its name says, and the values; of a pair both."""
    what, rest = mean_or_std(name)
    named = [(what, rest, name, value)] if what else []
    if not what and PAIR.search(name.rpartition(".")[2]) and isinstance(value, list | tuple) and len(value) == 2:
        both = zip(("mean", "std"), value, strict=True)
        named = [(*mean_or_std(f"{name}.{key}"), f"{name}.{key}", one) for key, one in both if not _is_number(one)]
    for key, others, full, one in named:
        if key and len(values := _values(one)) in (1, channels):
            shaped = isinstance(one, torch.Tensor) and one.ndim >= 3
            yield key, others, _Part(full, values, len(values) == channels and (channels > 1 or shaped))


def _space(mean: _Part, std: _Part, channels: int) -> list[Space]:
    """The normalisation that two are; none where they are of no pixels."""
    if not (scale := _unit(mean.values, std.values)):
        return []
    return [Space(mean.name, *([value / scale for value in for_each(part.values, channels)] for part in (mean, std)))]


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
    elif is_normalising(normalisation):
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
    """Numbers from 0 to 255 of a tensor, a list, or one; none of anything else, since no others are of pixels."""
    if isinstance(value, torch.Tensor):
        value = value.flatten().tolist() if value.numel() <= LONGEST else []
    numbers = [value] if _is_number(value) else value
    plain = isinstance(numbers, list | tuple) and all(_is_number(number) and 0 <= number <= 255 for number in numbers)
    return [float(number) for number in numbers] if plain else []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unit(mean: Sequence[float], std: Sequence[float]) -> float:
    """The largest pixel value, 1 or 255, of the unit that both are in; 0 where they are of no pixels."""
    largest = max(*mean, *std)
    scale = 1 if largest <= 1 else 255 if largest >= DARKEST else 0
    return scale if min(std) > 0 else 0


def _near(values: Sequence[float], others: Sequence[float], tolerance: float) -> bool:
    return len(values) == len(others) and all(abs(a - b) <= tolerance for a, b in zip(values, others, strict=True))


def _shown(values: Sequence[float]) -> list[float]:
    return [round(value, 4) for value in values]
