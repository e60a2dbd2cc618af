"""Outcomes of attacks: made of parts, set beside their random controls, written and read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from ineq.attacks.base import Attack
from ineq.attacks.names import WHERE
from ineq.attacks.noise import Noise
from ineq.attacks.occlusion import Occlusion
from ineq.attacks.outcome import ARRAYS, Outcome, joined
from ineq.attacks.outcome_file import read_outcome, write_outcome
from ineq.attacks.run import attack_outcome
from ineq.errors import InputError

IMAGES = torch.rand(7, 1, 8, 8, generator=torch.Generator().manual_seed(0))
LABELS, MAPS, INDICES = torch.arange(7) % 3, IMAGES - 0.5, np.array([9, 4, 30, 1, 7, 8, 2])
PARTS = [slice(0, 3), slice(3, 6), slice(6, 7)]
ATTACKS: list[Attack] = [
    Noise(subpixels=(3, 9), repeats=2),
    Occlusion(count=3, radius=2, colors=("black", "mean"), region=2),
]
GUIDED, RANDOM = ("important", "least"), ("random",)


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 3))


def outcome(attack: Attack, model: nn.Module, rows: slice = slice(None), where: tuple[str, ...] = WHERE) -> Outcome:
    given = IMAGES[rows], LABELS[rows], MAPS[rows] if where != RANDOM else None
    return attack_outcome(attack, model, *given, where=where, draws=2, indices=INDICES[rows], mean=0.5, std=0.2)


def assert_same(one: Outcome, other: Outcome) -> None:
    for name in ("clean", "labels", "indices"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name in ARRAYS:
        assert set(getattr(one, name)) == set(getattr(other, name))
        for where, values in getattr(one, name).items():
            np.testing.assert_array_equal(values, getattr(other, name)[where])


@pytest.mark.parametrize("attack", ATTACKS)
def test_parts_joined_are_the_outcome_of_all(attack: Attack, model: nn.Module) -> None:
    for where in (GUIDED, RANDOM):
        parts = [outcome(attack, model, rows, where) for rows in PARTS]
        assert_same(joined(parts), outcome(attack, model, where=where))


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_outcome_with_its_control_is_the_outcome_of_both(attack: Attack, model: nn.Module) -> None:
    """Also where the maps, and so the guided attack, are of fewer images."""
    both, control = outcome(attack, model, slice(5)), outcome(attack, model, where=RANDOM)
    assert_same(outcome(attack, model, slice(5), GUIDED).with_control(control), both)
    for other in (replace(control, indices=INDICES[::-1]), replace(control, settings=["red"])):
        with pytest.raises(InputError, match="of other images or budgets than its random control"):
            outcome(attack, model, where=GUIDED).with_control(other)


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_written_is_read(attack: Attack, model: nn.Module, tmp_path: Path) -> None:
    file, made = tmp_path / "outcome.h5", outcome(attack, model)
    write_outcome(file, made, stage="attack", parameters={"a": 1})
    found = read_outcome(file, "attack")
    assert_same(found, made)
    assert found.budgets == made.budgets and found.settings == made.settings and found.attack == attack.name
    with pytest.raises(InputError, match="was written by stage 'attack'"):
        read_outcome(file, "random_attack")


def test_an_array_of_another_shape_is_refused(model: nn.Module, tmp_path: Path) -> None:
    file, made = tmp_path / "outcome.h5", outcome(ATTACKS[1], model)
    wrong = {**made.prediction, "least": made.prediction["least"][:, :2]}
    write_outcome(file, replace(made, prediction=wrong), stage="attack", parameters={})
    expected = r"'prediction/least' has shape \(2, 2, 2, 1, 7\), expected \(2, 3, 2, 1, 7\): rerun the stage 'attack'"
    with pytest.raises(InputError, match=expected):
        read_outcome(file, "attack")


def test_a_budget_that_is_not_there_is_refused(model: nn.Module) -> None:
    made = outcome(ATTACKS[0], model)
    assert made.place({"subpixels": 9}) == (1,)
    for budget in ({"subpixels": 4}, {"count": 3}):
        with pytest.raises(InputError, match="attack noise has no budget"):
            made.place(budget)
