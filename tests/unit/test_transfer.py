"""Transfer: on the source itself it is the direct attack; a failed attack carries its last image over."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from ineq.attacks.noise import noise_attack
from ineq.attacks.occlusion import occlusion_attack
from ineq.attacks.transfer import TRY, Budgets, transfer
from ineq.models.forward import predict_labels

CELLS = [{"count": 1, "radius": 1}, {"count": 3, "radius": 2}]
BUDGETS = Budgets("black", CELLS, subpixels=6, repeats=2, clip=True, region=2, importance="signed")
DRAWS = {"seed": 3, "mean": [0.4], "std": [0.3]}


class Constant(nn.Module):
    """Says 0, whatever it sees."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return torch.eye(3)[torch.zeros(len(images), dtype=torch.long)] + 0 * images.sum()


def linear(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    layer = nn.Linear(64, 3)
    with torch.no_grad():
        layer.weight *= 4
    return nn.Sequential(nn.Flatten(), layer).eval()


@pytest.fixture(scope="module")
def given() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    images = rng.random((24, 1, 8, 8)).astype(np.float32)
    labels = predict_labels(linear(0), torch.from_numpy(images))
    return {"images": images, "labels": labels, "maps": rng.standard_normal(images.shape).astype(np.float32)}


def run(source: str, models: dict[str, nn.Module], given: dict[str, np.ndarray]) -> pd.DataFrame:
    indices = np.arange(100, 124)
    images, labels, maps = given.values()
    return transfer(source, models, images, labels, maps, BUDGETS, indices=indices, batch_size=7, **DRAWS)


def test_the_diagonal_is_the_direct_attack(given: dict[str, np.ndarray]) -> None:
    models = {"a": linear(0), "b": linear(1)}
    table = run("a", models, given)
    own = table[table["target"] == "a"]
    assert (own["fooled"] == own["source_fooled"]).all() and 0 < own["fooled"].mean() < 1
    keys = {"seed": 3, "indices": np.arange(100, 124)}
    for cell in CELLS:
        direct = occlusion_attack(models["a"], *given.values(), **cell, region=2, **keys).success.numpy()
        rows = own[(own["count"] == cell["count"]) & (own["radius"] == cell["radius"])]
        assert (rows["fooled"].to_numpy() == direct).all()
    for kind in ("additive", "replace"):
        for repeat in range(2):
            space = {"mean": [0.4], "std": [0.3]}
            direct = noise_attack(
                models["a"], *given.values(), subpixels=6, kind=kind, draw=repeat, **keys, **space
            ).success.numpy()
            rows = own[(own["setting"] == kind) & (own["repeat"] == repeat)]
            assert (rows["fooled"].to_numpy() == direct).all()


def test_targets_see_what_was_attacked_on_the_source(given: dict[str, np.ndarray]) -> None:
    models = {"a": linear(0), "b": linear(1)}
    table = run("a", models, given)
    other = table[(table["target"] == "b") & (table["count"] == 3)]
    seen = occlusion_attack(models["a"], *given.values(), count=3, radius=2, region=2, seed=3).images
    assert (other["fooled"].to_numpy() == (predict_labels(models["b"], seen) != given["labels"])).all()
    right = predict_labels(models["b"], torch.from_numpy(given["images"])) == given["labels"]
    assert (other["target_right"].to_numpy() == right).all()
    assert (table[list(TRY)].drop_duplicates().shape[0], len(table)) == (6, 6 * 2 * 24)


def test_a_failed_attack_carries_its_last_image_over(given: dict[str, np.ndarray]) -> None:
    zeros = {**given, "labels": np.zeros(24, np.int64)}
    models = {"constant": Constant(), "b": linear(1)}
    table = run("constant", models, zeros)
    assert not table.loc[table["target"] == "constant", "source_fooled"].any()
    rows = table[(table["target"] == "b") & (table["count"] == 3)]
    last = occlusion_attack(Constant(), *zeros.values(), count=3, radius=2, region=2).images
    assert not torch.equal(last, torch.from_numpy(zeros["images"]))
    assert (rows["fooled"].to_numpy() == (predict_labels(models["b"], last) != 0)).all()
