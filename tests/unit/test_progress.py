"""Whoever watches is told how much is done, up to the end; and the result is the one that nobody watched."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from ineq import Normalized
from ineq.attacks.base import Attack
from ineq.attacks.noise import Noise
from ineq.attacks.occlusion import Occlusion
from ineq.attacks.run import attack_outcome
from ineq.attribution.methods import attribute

IMAGES = torch.rand(10, 1, 4, 4, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(10) % 3
MAPS = IMAGES - 0.5


def model() -> Normalized:
    linear = torch.nn.Linear(16, 3)
    torch.nn.init.orthogonal_(linear.weight)
    return Normalized(torch.nn.Sequential(torch.nn.Flatten(), linear), [0.5], [0.2])


def run_attack(attack: Attack, **options: Any) -> Any:
    return attack_outcome(attack, MODEL, IMAGES, LABELS, MAPS, draws=2, batch_size=4, **options).prediction


def run_attribution(**options: Any) -> Any:
    return {"maps": attribute(MODEL, IMAGES, LABELS, "input_x_gradient", batch_size=4, **options).numpy()}


MODEL = model()


@pytest.mark.parametrize(
    ("compute", "expected"),
    [
        (partial(run_attack, Noise([1, 3])), [(4, 10), (8, 10), (10, 10)]),
        (partial(run_attack, Occlusion(2, 2, ["black", "white"], 2)), [(4, 10), (8, 10), (10, 10)]),
        (run_attribution, [(4, 10), (8, 10), (10, 10)]),
    ],
)
def test_progress_goes_up_to_the_end(compute: Any, expected: list[tuple[int, int]]) -> None:
    seen: list[tuple[int, int]] = []
    watched = compute(progress=lambda done, total: seen.append((done, total)))
    alone = compute()
    assert seen == expected
    assert all(np.array_equal(watched[name], alone[name]) for name in alone)
