"""StudyChoices changed one at a time: the first row is the study's own, each other one what it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from ineq import device
from ineq.attacks.noise import noise_attack
from ineq.attacks.occlusion import occlusion_attack
from ineq.attribution.methods import attribute
from ineq.data.sample import Part
from ineq.device import PRECISIONS
from ineq.inequality.measures import gini
from ineq.sensitivity.names import DEFAULT, STATISTICS, VARIANTS
from ineq.sensitivity.variants import StudyChoices, by_precision, sensitivity

REGIONS: dict[str, Any] = {"region": 4, "importance": "signed", "tolerance": 0.0}
SPACE: dict[str, Any] = {"mean": [0.4], "std": [0.3]}
METHODS: dict[str, dict[str, Any]] = {
    "integrated_gradients": {"steps": 3, "baseline": "normal"},
    "smoothgrad": {"samples": 2, "stdev": 0.2, "steps": 2, "base": "integrated_gradients", "type": "smoothgrad"},
}


def network(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.Tanh(), nn.Linear(8, 3)).eval()


@pytest.fixture(scope="module")
def models() -> dict[str, nn.Module]:
    return {"float32": network(0), "bfloat16": network(1)}


@pytest.fixture(scope="module")
def part() -> Part:
    images = torch.rand(12, 1, 8, 8, generator=torch.Generator().manual_seed(0)).numpy()
    return Part(labels=np.arange(12) % 3, indices=np.arange(12), classes=("a", "b", "c"), images=images)


def conventions(precision: str = "float32") -> StudyChoices:
    return StudyChoices(precision, METHODS, 0, REGIONS, 0, 2, 2, 10, repeats=2, clip=True, space=SPACE)


def test_the_first_row_is_the_attack_itself(models: dict[str, nn.Module], part: Part) -> None:
    table = sensitivity(models, part, conventions())
    own = table[table["variant"] == DEFAULT]
    given = (models["float32"], part.images, part.labels)
    maps = attribute(*given, **METHODS["integrated_gradients"], **SPACE)
    assert np.allclose(own["gini_global"], gini(maps, axis=(1, 2, 3)))
    fooled = [
        noise_attack(*given, maps, kind="replace", subpixels=10, draw=draw, clip=True, **SPACE).success.numpy()
        for draw in range(2)
    ]
    assert np.allclose(own["replace"], np.mean(fooled, axis=0))
    black = occlusion_attack(*given, maps, count=2, radius=2, region=4).success.numpy()
    assert np.array_equal(own["black"], black.astype(int))
    assert list(dict.fromkeys(table["variant"])) == list(VARIANTS) and len(table) == 12 * len(VARIANTS)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_precision_is_that_model(models: dict[str, nn.Module], part: Part, precision: str) -> None:
    table = sensitivity(models, part, conventions(precision))
    rows = {name: table.loc[table["variant"] == name, list(STATISTICS)].to_numpy() for name in VARIANTS}
    assert np.array_equal(rows[DEFAULT], rows[f"in {precision}"])
    other = "bfloat16" if precision == "float32" else "float32"
    assert not np.allclose(rows[DEFAULT], rows[f"in {other}"])


def test_a_convention_changes_what_it_names(models: dict[str, nn.Module], part: Part) -> None:
    table = sensitivity(models, part, conventions())
    columns = {name: table[table["variant"] == name].reset_index(drop=True) for name in VARIANTS}
    own = columns[DEFAULT]
    assert columns["baseline zero"]["gini_global"].ne(own["gini_global"]).all()
    assert columns["noise not clipped"]["gini_global"].equals(own["gini_global"])
    assert columns["regions by abs(a)"]["gini_global"].equals(own["gini_global"])
    assert columns["regions by abs(a)"]["gini_regional"].ne(own["gini_regional"]).any()


def test_a_precision_that_no_model_has_is_left_out(models: dict[str, nn.Module], part: Part) -> None:
    whole = sensitivity(models, part, conventions())
    for asked in PRECISIONS:  # which is float32 then
        table = sensitivity({"float32": models["float32"]}, part, conventions(asked))
        assert table.equals(whole[whole["variant"] != "in bfloat16"].reset_index(drop=True))


@pytest.mark.parametrize("has", [True, False])
def test_models_are_only_of_what_the_machine_computes_in(monkeypatch: pytest.MonkeyPatch, has: bool) -> None:
    monkeypatch.setattr(device, "_has_bfloat16", lambda: has)
    monkeypatch.setattr(device, "_has_tf32", lambda: False)
    found = by_precision(lambda kind: nn.Linear(1, 1, dtype=getattr(torch, kind)))
    assert {kind: str(model.weight.dtype) for kind, model in found.items()} == {
        kind: f"torch.{kind}" for kind in ("float32", "bfloat16")[: 1 + has]
    }
