"""Augmentation: every image is one of the shifts and mirrors that may come, and draws are the caller's alone."""

from __future__ import annotations

import numpy as np
import torch

from ineq.models.augment import cutout, flip_and_crop

IMAGES = torch.rand(64, 2, 5, 6, generator=torch.Generator().manual_seed(0))


def draws(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_each_image_is_a_mirror_and_a_shift_of_itself() -> None:
    found = flip_and_crop(IMAGES, draws(), flip=True, crop=1)
    padded = torch.nn.functional.pad(IMAGES, (1, 1, 1, 1))
    seen = set()
    for image, possible in zip(found, padded, strict=True):
        matches = [
            (y, x, mirrored)
            for y in range(3)
            for x in range(3)
            for mirrored in (False, True)
            if torch.equal(image, _cut(possible, y, x, mirrored))
        ]
        assert len(matches) == 1
        seen.add(matches[0])
    assert len(seen) > 12, "of 18 possible ones, 64 images show most"


def _cut(padded: torch.Tensor, y: int, x: int, mirrored: bool) -> torch.Tensor:
    cut = padded[:, y : y + 5, x : x + 6]
    return cut.flip(2) if mirrored else cut


def test_nothing_asked_is_nothing_done() -> None:
    assert torch.equal(flip_and_crop(IMAGES, draws(), flip=False, crop=0), IMAGES)


def test_cutout_fills_a_square_that_is_cut_at_the_border() -> None:
    fill = torch.tensor([2.0, 3.0]).view(1, 2, 1, 1)
    found = cutout(IMAGES, draws(), side=4, fill=fill)
    changed = (found != IMAGES).all(dim=1)
    assert torch.equal(found[:, 0][changed], torch.full((int(changed.sum()),), 2.0))
    assert torch.equal(found[:, 1][changed], torch.full((int(changed.sum()),), 3.0))
    sizes = changed.flatten(1).sum(1)
    assert 4 <= int(sizes.min()) < int(sizes.max()) == 16
    for mask in changed:
        rows, columns = mask.any(1), mask.any(0)
        assert torch.equal(mask, rows[:, None] & columns[None, :]), "a rectangle"


def test_draws_decide() -> None:
    fill = torch.zeros(1, 2, 1, 1)
    for change in (
        lambda seed: flip_and_crop(IMAGES, draws(seed), flip=True, crop=2),
        lambda seed: cutout(IMAGES, draws(seed), side=2, fill=fill),
    ):
        assert torch.equal(change(0), change(0)) and not torch.equal(change(0), change(1))
