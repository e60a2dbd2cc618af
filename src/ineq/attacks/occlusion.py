"""Inductive occlusion (Algorithm 1): squares over the most important regions, and the random and least twins."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from ineq.attacks.names import COLORS, WHERE
from ineq.attacks.readings import first_success
from ineq.data.checks import Array, as_images, as_indices, as_labels, as_maps, refuse_beyond, whole
from ineq.data.draws import permutations
from ineq.device import device_of
from ineq.errors import InputError, refuse_unknown
from ineq.inequality.measures import regional
from ineq.models.forward import Progress, batches, predict_labels, predict_logits, silent


@dataclass(frozen=True)
class OcclusionResult:
    """What became of each image.

    `success` (N,) bool; `predictions` int64 (N,) for the returned `images` (N, C, H, W): the first success in
    Algorithm 1's order, else the last try; `grid` int64 (N, count, radius) the prediction for every budget; `count`
    and `radius` int64 (N,) of the first success, 0 for none; `area` float32 (N,) the share of pixels covered.
    """

    success: torch.Tensor
    predictions: torch.Tensor
    images: torch.Tensor
    grid: torch.Tensor
    count: torch.Tensor
    radius: torch.Tensor
    area: torch.Tensor


@dataclass(frozen=True)
class _Regions:
    """Images (N, C, H, W), what keys their draws, and their regional sums in a grid of regions, row by row."""

    images: torch.Tensor
    indices: np.ndarray
    seed: int
    size: int
    sums: np.ndarray  # (N, rows, cols)

    def centres(self, where: str, draw: int, count: int) -> torch.Tensor:
        """Centres (y, x), in pixels, of the first `count` regions of each image, (N, count, 2)."""
        flat = self.sums.reshape(len(self.sums), -1)
        if where == "random":
            order = permutations(self.seed, "occlusion-regions", self.indices, flat.shape[1], draw)
        else:  # PAPER §3.2.2: the highest a_r first. Stable: of equal regions the first.
            order = np.argsort(-flat if where == "important" else flat, axis=1, kind="stable")
        places = np.stack(np.divmod(order[:, :count], self.sums.shape[2]), axis=-1)
        return torch.from_numpy(places * self.size + self.size // 2).to(self.images.device)

    def fill(self, color: str) -> torch.Tensor:
        """The colour of each image's squares, (N, C, 1, 1)."""
        value, mean = COLORS[color], self.images.mean(dim=(2, 3), keepdim=True)
        return mean if value is None else torch.full_like(mean, value)


@dataclass(frozen=True)
class _Grid:
    """At every budget, (N, count, radius): predictions int16, share of pixels covered float32, none changed bool."""

    predictions: np.ndarray
    area: np.ndarray
    unchanged: np.ndarray


@dataclass(frozen=True)
class _Try:
    """Which squares, in which colour: centres (N, count, 2), fill (N, C, 1, 1) for images (N, C, H, W)."""

    images: torch.Tensor
    centres: torch.Tensor
    fill: torch.Tensor

    def masks(self, image: torch.Tensor, n: torch.Tensor, r: torch.Tensor) -> torch.Tensor:
        """Covered pixels (B, 1, H, W) for B triples of an image (ascending), a count n and a radius r from 1."""
        first, last = int(image[0]), int(image[-1])
        reach = _reach(self.centres[first : last + 1], *self.images.shape[2:])
        return (reach[image - first, n - 1] <= r[:, None, None]).unsqueeze(1)

    def painted(self, image: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
        """The occluded images (B, C, H, W)."""
        return torch.where(masks, self.fill[image], self.images[image])  # PAPER §3.2.2: x' = (1 − M)·x + M·c

    def grid(self, model: nn.Module, radius: int, batch_size: int | None) -> _Grid:
        """What every budget gives."""
        shape = (*self.centres.shape[:2], min(radius, max(self.images.shape[2:])))
        size = int(np.prod(shape))
        found = [np.empty(size, np.int16), np.empty(size, np.float32), np.empty(size, np.bool_)]
        for rows in batches(size, batch_size):
            places = np.stack(np.unravel_index(np.arange(rows.start, rows.stop), shape))
            image, n, r = torch.from_numpy(places).to(self.images.device)
            masks = self.masks(image, n + 1, r + 1)
            painted = self.painted(image, masks)
            found[0][rows] = predict_labels(model, painted, batch_size)
            found[1][rows] = masks.float().mean(dim=(1, 2, 3)).cpu()
            found[2][rows] = (painted == self.images[image]).flatten(1).all(dim=1).cpu()
        # A radius beyond the image covers no more than one as large as the image.
        last = np.minimum(np.arange(radius), shape[2] - 1)
        return _Grid(*(values.reshape(shape)[..., last] for values in found))


def _reach(centres: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Smallest radius at which one of the first n squares covers a pixel, (N, count, H, W) for n = 1 to count."""

    def distance(centre: torch.Tensor, length: int) -> torch.Tensor:
        # ASSUME(§3.2.2): a square is [c − r, c + r), so r covers p from r ≥ c − p on, and from r ≥ p − c + 1 on.
        place, middle = torch.arange(length, device=centre.device), centre[..., None]
        return torch.maximum(middle - place, place - middle + 1)

    vertical, horizontal = distance(centres[..., 0], height), distance(centres[..., 1], width)
    return torch.maximum(vertical[..., :, None], horizontal[..., None, :]).cummin(dim=1).values


def occlusion_attack(
    model: nn.Module,
    images: Array,
    labels: Array,
    maps: Array,
    *,
    count: int,
    radius: int,
    color: str = "black",
    region: int,
    importance: str = "signed",
    where: str = "important",
    seed: int = 0,
    draw: int = 0,
    indices: Sequence[int] | Array | None = None,
    batch_size: int | None = None,
) -> OcclusionResult:
    """Cover up to `count` regions of each image (N, C, H, W) in [0, 1] with squares of up to `radius` pixels.

    Regions are blocks of `region` × `region` pixels, taken by the sum of `maps` over them (`importance`: "signed",
    "absolute" or "positive"): highest first ("important"), lowest first ("least"), or in a random order keyed by
    (`seed`, index, `draw`), an index being the place in `images` unless `indices` says otherwise. A square reaches
    from `radius` before to `radius` beyond a region's centre and is cut at the border; `color` is a key of `COLORS`.
    An image that the model gets wrong anyway counts as a success wherever it stays wrong.

    Raises `InputError` for a bad argument.
    """
    refuse_unknown("where", str(where), WHERE)
    refuse_unknown("color", str(color), COLORS)
    regions = _regions(model, images, maps, region, importance, indices, seed)
    truth = as_labels(labels, regions.images)
    refuse_beyond(truth, predict_logits(model, regions.images[:1]).shape[1])
    count, radius = _budget(regions, count, radius)
    attempt = _Try(regions.images, regions.centres(where, whole("draw", draw, 0), count), regions.fill(color))
    return _result(attempt, truth, attempt.grid(model, radius, batch_size).predictions.astype(np.int64), batch_size)


def occluded(
    images: Array, maps: Array, *, count: int, radius: int, color: str, region: int, importance: str
) -> torch.Tensor:
    """The images (N, C, H, W) under squares of just this `count` and `radius` on their most important regions.

    This is one of the tries of `occlusion_attack`, with its arguments but no model. Raises `InputError` for a bad
    argument.
    """
    refuse_unknown("color", str(color), COLORS)
    regions = _regions(nn.Identity(), images, maps, region, importance, None, 0)
    count, radius = _budget(regions, count, radius)
    attempt = _Try(regions.images, regions.centres("important", 0, count), regions.fill(color))
    # `every` is an index, which may be on the CPU; the numbers compared with are where the images are.
    every, alike = torch.arange(len(regions.images)), attempt.centres[:, 0, 0]
    masks = attempt.masks(every, torch.full_like(alike, count), torch.full_like(alike, radius))
    return attempt.painted(every, masks)


def _result(attempt: _Try, truth: torch.Tensor, grid: np.ndarray, batch_size: int | None) -> OcclusionResult:
    """The first successes of a grid, else the last tries, with their images."""
    n, r = map(torch.from_numpy, first_success(grid, truth.cpu().numpy()))
    last_n, last_r = n.where(n > 0, torch.tensor(grid.shape[1])), r.where(r > 0, torch.tensor(grid.shape[2]))
    image, device = torch.arange(len(grid)), truth.device
    predictions = torch.from_numpy(grid)[image, last_n - 1, last_r - 1]
    painted, areas = torch.empty_like(attempt.images), torch.empty(len(grid), device=device)
    for rows in batches(len(grid), batch_size):
        chosen = image[rows].to(device)
        masks = attempt.masks(chosen, last_n[rows].to(device), last_r[rows].to(device))
        painted[rows], areas[rows] = attempt.painted(chosen, masks), masks.float().mean(dim=(1, 2, 3))
    outcome = (predictions, torch.from_numpy(grid), n, r)
    predictions, all_tries, n, r = (values.to(device) for values in outcome)
    return OcclusionResult(n > 0, predictions, painted, all_tries, n, r, areas)


def occlusion_record(
    model: nn.Module,
    images: Array,
    maps: Array | None,
    *,
    region: int,
    importance: str = "signed",
    where: Sequence[str] = WHERE,
    count: int,
    radius: int,
    colors: Sequence[str],
    draws: int = 1,
    seed: int = 0,
    batch_size: int | None = None,
    indices: Sequence[int] | Array | None = None,
    progress: Progress = silent,
) -> dict[str, np.ndarray]:
    """Predictions, int16, for every colour and budget up to (`count`, `radius`); arguments as in `occlusion_attack`.

    "clean" is (N,) for the untouched images; for each colour "important/black" and "least/black" are
    (N, count, radius), and "random/black" is (`draws`, N, count, radius), each if it is one of `where`. Of the same
    shapes are "unchanged/…/black", bool, whether the budget's mask changes no pixel, and "area/…", float32, the share
    of pixels that it covers. Random regions need no `maps`. `progress` gets the number of grids done, and of all.
    """
    _refuse_names(colors, where, maps)
    ranking = np.zeros(images.shape, np.float32) if maps is None else maps
    regions = _regions(model, images, ranking, region, importance, indices, seed)
    count, radius = _budget(regions, count, radius)
    tries = {one: whole("draws", draws, 1) if one == "random" else 1 for one in where}
    record = {"clean": predict_labels(model, regions.images, batch_size)}
    step, steps = itertools.count(1), sum(tries.values()) * len(colors)
    for one, number in tries.items():
        centres = [regions.centres(one, draw, count) for draw in range(number)]
        for color in colors:
            grids = []
            for centre in centres:
                grids.append(_Try(regions.images, centre, regions.fill(color)).grid(model, radius, batch_size))
                progress(next(step), steps)
            record |= _entries(grids, one, color, (number, len(regions.images), count, radius))
    return record


def _refuse_names(colors: Sequence[str], where: Sequence[str], maps: Array | None) -> None:
    """Refuse unknown colours and places, and places that only maps could tell where there are none."""
    for color in colors:
        refuse_unknown("color", str(color), COLORS)
    for one in where:
        refuse_unknown("where", str(one), WHERE)
    if maps is None and (ranked := [one for one in where if one != "random"]):
        raise InputError(f"maps are None: wanted what tells the {' and '.join(ranked)} regions")


def _entries(grids: list[_Grid], where: str, color: str, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """The record's arrays of one `where` and colour: random ones with an axis of draws in front, the others without."""
    names = {f"{where}/{color}": "predictions", f"area/{where}": "area", f"unchanged/{where}/{color}": "unchanged"}
    dtypes = {"predictions": np.int16, "area": np.float32, "unchanged": np.bool_}
    found = {}
    for name, field in names.items():
        values = np.array([getattr(grid, field) for grid in grids], dtypes[field]).reshape(shape)
        found[name] = values if where == "random" else values[0]
    return found


def _regions(
    model: nn.Module,
    images: Array,
    maps: Array,
    region: int,
    importance: str,
    indices: Sequence[int] | Array | None,
    seed: int,
) -> _Regions:
    """The checked arguments that attack and record share."""
    pixels = as_images(images, device_of(model))
    # Summed on the CPU wherever the maps are: the order of regions must not depend on the device.
    sums = regional(as_maps(maps, pixels).cpu().numpy(), region, importance)
    return _Regions(pixels, as_indices(indices, len(pixels)), whole("seed", seed, 0), int(region), sums)


def _budget(regions: _Regions, count: int, radius: int) -> tuple[int, int]:
    """Count and radius, checked: no more regions than the image has."""
    return whole("count", count, 1, regions.sums[0].size), whole("radius", radius, 1)
