"""Whoever watches is told how much is done, up to the end; and the result is the one that nobody watched."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from ineq import Normalized
from ineq.attacks.noise import noise_record
from ineq.attacks.occlusion import occlusion_record
from ineq.attribution.methods import attribute

IMAGES = torch.rand(10, 1, 4, 4, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(10) % 3
MAPS = IMAGES - 0.5


def model() -> Normalized:
    linear = torch.nn.Linear(16, 3)
    torch.nn.init.orthogonal_(linear.weight)
    return Normalized(torch.nn.Sequential(torch.nn.Flatten(), linear), [0.5], [0.2])


def run_noise(**options: Any) -> Any:
    return noise_record(MODEL, IMAGES, LABELS, MAPS, subpixels=[1, 3], repeats=1, draws=2, batch_size=4, **options)


def run_occlusion(**options: Any) -> Any:
    budget = {"region": 2, "count": 2, "radius": 2, "colors": ["black", "white"], "draws": 3}
    return occlusion_record(MODEL, IMAGES, MAPS, **budget, batch_size=4, **options)


def run_attribution(**options: Any) -> Any:
    return {"maps": attribute(MODEL, IMAGES, LABELS, "input_x_gradient", batch_size=4, **options).numpy()}


MODEL = model()


@pytest.mark.parametrize(
    ("compute", "wanted"),
    [
        (run_noise, [(4, 10), (8, 10), (10, 10)]),
        (run_occlusion, [(done, 10) for done in range(1, 11)]),
        (run_attribution, [(4, 10), (8, 10), (10, 10)]),
    ],
)
def test_progress_goes_up_to_the_end(compute: Any, wanted: list[tuple[int, int]]) -> None:
    seen: list[tuple[int, int]] = []
    watched = compute(progress=lambda done, total: seen.append((done, total)))
    alone = compute()
    assert seen == wanted
    assert all(np.array_equal(watched[name], alone[name]) for name in alone)
