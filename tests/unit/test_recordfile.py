"""Records of attacks: made of parts, and set beside their random twins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from ineq.attacks.noise import noise_record
from ineq.attacks.occlusion import occlusion_record
from ineq.attacks.recordfile import AttackRecord, joined, with_twin
from ineq.errors import InputError

IMAGES = torch.rand(7, 1, 8, 8, generator=torch.Generator().manual_seed(0))
LABELS, MAPS, INDICES = torch.arange(7) % 3, IMAGES - 0.5, np.array([9, 4, 30, 1, 7, 8, 2])
PARTS = [slice(0, 3), slice(3, 6), slice(6, 7)]
BUDGET = {"region": 2, "count": 3, "radius": 2, "colors": ["black", "mean"], "draws": 2}
AXES = {"colors": ["black", "mean"], "count": 3, "radius": 2}


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 3))


def test_parts_joined_are_the_record_of_all(model: nn.Module) -> None:
    options = {"subpixels": [3, 9], "repeats": 2, "draws": 2, "mean": [0.5], "std": [0.2]}
    whole = noise_record(model, IMAGES, LABELS, MAPS, indices=INDICES, **options)
    some = [noise_record(model, IMAGES[r], LABELS[r], MAPS[r], indices=INDICES[r], **options) for r in PARTS]
    found = joined("noise", some)
    assert set(found) == set(whole) and all(np.array_equal(found[name], whole[name]) for name in whole)
    for stage, where in {"occlusion": ("important", "least"), "random_occlusion": ("random",)}.items():
        whole = occlusion_record(model, IMAGES, MAPS, indices=INDICES, where=where, **BUDGET)
        some = [occlusion_record(model, IMAGES[r], MAPS[r], indices=INDICES[r], where=where, **BUDGET) for r in PARTS]
        found = joined(stage, some)
        assert set(found) == set(whole) and all(np.array_equal(found[name], whole[name]) for name in whole)


def test_a_record_with_its_twin_is_the_record_of_both(model: nn.Module) -> None:
    """Also where the maps, and so the guided attack, are of fewer images."""
    both = occlusion_record(model, IMAGES[:5], MAPS[:5], indices=INDICES[:5], **BUDGET)
    guided = {name: values for name, values in both.items() if "random" not in name}
    random = occlusion_record(model, IMAGES, None, indices=INDICES, where=("random",), **BUDGET)
    twin = AttackRecord(random, LABELS.numpy(), INDICES, AXES)
    found = with_twin(AttackRecord(guided, LABELS[:5].numpy(), INDICES[:5], AXES), twin)
    assert set(found.predictions) == set(both) and len(found.labels) == 5
    assert all(np.array_equal(found.predictions[name], both[name]) for name in both)


def test_a_twin_of_other_images_or_budgets_is_refused(model: nn.Module) -> None:
    random = occlusion_record(model, IMAGES, None, indices=INDICES, where=("random",), **BUDGET)
    twin = AttackRecord(random, LABELS.numpy(), INDICES, AXES)
    for other in (replace(twin, indices=INDICES[::-1]), replace(twin, axes={**AXES, "radius": 3})):
        with pytest.raises(InputError, match="of other images or budgets than their random twin"):
            with_twin(other, twin)
