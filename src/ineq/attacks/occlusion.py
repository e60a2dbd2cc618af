"""Inductive occlusion (Algorithm 1): squares of one colour over regions, the most important ones or others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import nn

from ineq.attacks.base import Attack, Batch
from ineq.attacks.criteria import CRITERIA, first_success
from ineq.attacks.names import COLORS, WHERE
from ineq.attacks.run import tries
from ineq.attacks.target import Target, target
from ineq.data.checks import Array, as_labels, check_int, refuse_beyond
from ineq.errors import refuse_unknown
from ineq.inequality.measures import regional
from ineq.models.forward import batches
from ineq.models.probe import classes_of


@dataclass(frozen=True)
class Occlusion(Attack):
    """Squares about the centres of up to `count` regions, of every radius up to `radius`, in every one of `colors`.

    Regions are blocks of `region` × `region` pixels, taken by the sum of a map over them (`importance`: "signed",
    "absolute" or "positive"). A square reaches from `radius` before to `radius` beyond a region's centre and is cut at
    the border; colours are keys of `COLORS`.
    """

    name: ClassVar[str] = "occlusion"
    purpose: ClassVar[str] = "occlusion-regions"
    criteria: ClassVar[tuple[str, ...]] = CRITERIA
    count: int = 1
    radius: int = 1
    colors: Sequence[str] = ("black",)
    region: int = 4
    importance: str = "signed"

    @property
    def settings(self) -> Sequence[str]:
        """Colours of the squares."""
        for color in self.colors:
            refuse_unknown("color", str(color), COLORS)
        return self.colors

    @property
    def budgets(self) -> Mapping[str, Sequence[int]]:
        """Number of squares, and their radius in pixels."""
        return {"count": _up_to("count", self.count), "radius": _up_to("radius", self.radius)}

    def limits(self, shape: Sequence[int]) -> Mapping[str, int]:
        """No more squares than an image has regions."""
        _, height, width = shape
        check_int("region", self.region, 1)
        return {"count": (height // self.region) * (width // self.region)}

    def same_as(self, budget: Mapping[str, int], shape: Sequence[int]) -> Mapping[str, int]:
        """A radius beyond the image covers no more than one as large as the image."""
        return {**budget, "radius": min(budget["radius"], max(shape[1:]))}

    def scores(self, maps: torch.Tensor) -> torch.Tensor:
        """Sums over regions, row by row, (B, P), on the CPU: their order must not depend on the device."""
        # PAPER §3.2.2: the highest a_r first.
        return torch.from_numpy(regional(maps.cpu().numpy(), self.region, self.importance)).flatten(1)

    def mask(self, batch: Batch, **budget: int) -> torch.Tensor:
        """Pixels under the squares, (B, 1, H, W)."""
        height, width = batch.images.shape[2:]
        across = width // self.region
        first = batch.order[:, : budget["count"]]
        rows, columns = (
            _reached(places * self.region + self.region // 2, length, budget["radius"])
            for places, length in ((first // across, height), (first % across, width))
        )
        # A pixel is covered if a square reaches its row and its column: as a product, no array has all three axes.
        return ((rows.mT @ columns) > 0).unsqueeze(1)

    def fill(self, batch: Batch) -> Mapping[str, torch.Tensor]:
        """The colour of each image's squares, (B, C, 1, 1). PAPER §3.2.2: x' = (1 − M)·x + M·c."""
        mean = batch.images.mean(dim=(2, 3), keepdim=True)
        colors = {name: COLORS[name] for name in self.settings}
        return {name: mean if value is None else torch.full_like(mean, value) for name, value in colors.items()}


ATTACK = Occlusion


def _up_to(name: str, last: int) -> Sequence[int]:
    """1 to the last; a last one that is no number is left for the check that refuses it."""
    return range(1, last + 1) if isinstance(last, int) and last > 0 else [last]


def _reached(centres: torch.Tensor, length: int, radius: int) -> torch.Tensor:
    """Which places of a line the squares about centres (B, n) reach, 1 or 0, float32 (B, n, length)."""
    # ASSUME(§3.2.2): a square is [c − r, c + r), so r covers p from r ≥ c − p on, and from r ≥ p − c + 1 on.
    place, middle = torch.arange(length, device=centres.device), centres[..., None]
    return ((middle - radius <= place) & (place < middle + radius)).float()


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

    Raises `InputError` for a bad argument, and a model that can't be measured (see `ineq.models.probe`).
    """
    refuse_unknown("where", str(where), WHERE)
    refuse_unknown("color", str(color), COLORS)
    attack = Occlusion(count=count, radius=radius, colors=(color,), region=region, importance=importance)
    subject = target(attack, images, maps, model=model, seed=seed, indices=indices)
    truth = as_labels(labels, subject.images)
    refuse_beyond(truth, classes_of(model, subject.images, batch_size))
    rows = batches(len(truth), batch_size)
    one = [check_int("draw", draw, 0)]
    parts = [tries(subject, model, part, where, one, batch_size).prediction[0, :, :, 0] for part in rows]
    grid = np.concatenate(parts, axis=-1).astype(np.int64)
    return _result(subject, truth, grid, where, draw)


def _result(subject: Target, truth: torch.Tensor, grid: np.ndarray, where: str, draw: int) -> OcclusionResult:
    """The first successes of predictions (count, radius, N), else the last tries, with their images."""
    flat = grid.reshape(-1, grid.shape[-1])
    first = first_success(flat != truth.cpu().numpy())
    last = np.where(first < 0, len(flat) - 1, first)
    images, area = torch.empty_like(subject.images), torch.empty(len(truth), device=truth.device)
    for place in np.unique(last):
        rows = np.flatnonzero(last == place)
        batch, (n, r) = subject.batch(rows, where, draw), np.divmod(place, grid.shape[1])
        mask = subject.attack.mask(batch, count=int(n) + 1, radius=int(r) + 1)
        (values,) = subject.attack.fill(batch).values()
        images[rows], area[rows] = torch.where(mask, values, batch.images), mask.float().mean(dim=(1, 2, 3))
    n, r = (np.where(first < 0, 0, place + 1) for place in np.divmod(first, grid.shape[1]))
    predictions = np.take_along_axis(flat, last[None], axis=0)[0]
    tensors = (torch.from_numpy(array).to(truth.device) for array in (predictions, np.moveaxis(grid, -1, 0), n, r))
    predicted, every, count, radius = tensors
    return OcclusionResult(count > 0, predicted, images, every, count, radius, area)
