"""`ineq.audit`: the numbers of the public functions, with what they are read against."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune

import ineq
from ineq.config.compose import study_values
from ineq.errors import InputError
from ineq.model_audit import run
from ineq.model_audit.result import Audit
from ineq.model_audit.sizes import FULL, KNOWN, QUICK, fewer, nearest_side, sizes_for
from ineq.model_audit.untrained import untrained_copy
from ineq.models.forward import predict_labels

ROOT = Path(__file__).resolve().parents[2]
SHAPE = (1, 8, 8)


def network(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.Tanh(), nn.Flatten(), nn.Linear(144, 3)).eval()


@pytest.fixture(scope="module")
def model() -> ineq.Normalized:
    return ineq.Normalized(network(1), [0.4], [0.3])


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.rand(60, *SHAPE, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def labels(model: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """What the model says of the images, but for ten that it so gets wrong."""
    said = torch.from_numpy(predict_labels(model, images)).long()
    return torch.where(torch.arange(60) % 6 == 0, (said + 1) % 3, said)


@pytest.fixture(scope="module")
def audit(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> Audit:
    return ineq.audit(model, images, labels, count=30)


def value(audit: Audit, column: str = "value", **about: object) -> float:
    table = audit.summary()
    for key, wanted in about.items():
        table = table[table[key] == wanted]
    (only,) = table[column]
    return float(only)


def test_its_numbers_are_those_of_the_public_functions(
    audit: Audit, model: nn.Module, images: torch.Tensor, labels: torch.Tensor
) -> None:
    at = audit.sample.indices
    assert len(set(at)) == 30 and (predict_labels(model, images[at]) == labels[at].numpy()).all()
    maps = ineq.attribute(model, images[at], labels[at], indices=at)
    assert np.array_equal(audit.maps["model"], maps.numpy())
    assert value(audit, measure="accuracy") == 5 / 6
    assert value(audit, measure="gini_global") == pytest.approx(float(ineq.gini(maps.flatten(1)).mean()))
    assert value(audit, measure="gini_regional") == pytest.approx(float(ineq.regional_gini(maps, 2).mean()))
    for kind in ("additive", "replace"):
        rates = {
            where: ineq.noise_attack(
                model, images[at], labels[at], maps, subpixels=8, kind=kind, where=where, indices=at
            ).success
            for where in ("important", "random")
        }
        important, random = (float(success.double().mean()) for success in rates.values())
        assert value(audit, measure="error_rate", setting=kind) == pytest.approx(important)
        assert value(audit, "random", measure="error_rate", setting=kind) == pytest.approx(random)
        assert value(audit, measure="gain", setting=kind) == pytest.approx(important - random)
    found = ineq.occlusion_attack(
        model, images[at], labels[at], maps, count=4, radius=2, color="gray", region=2, indices=at
    )
    rate = float(found.success.double().mean())
    assert value(audit, measure="error_rate", setting="gray") == pytest.approx(rate)


def test_every_number_has_an_interval_and_what_it_is_read_against(audit: Audit) -> None:
    table = audit.summary()
    assert (table["low"] <= table["value"]).all() and (table["value"] <= table["high"]).all()
    ginis = table[table["measure"].str.startswith("gini")]
    assert ginis[["untrained", "input"]].notna().all(axis=None) and (table["images"] > 0).all()
    assert (
        str(audit).count("\n") >= len(table) and repr(audit) == "<Audit of model by integrated_gradients on 30 images>"
    )


def test_it_is_the_same_again_and_leaves_all_as_it_was(
    audit: Audit, model: nn.Module, images: torch.Tensor, labels: torch.Tensor
) -> None:
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    pixels, state = images.clone(), torch.get_rng_state()
    model.train()
    again = ineq.audit(model, images.numpy(), labels.numpy(), count=30, batch_size=7)
    assert model.training and torch.equal(images, pixels) and torch.equal(torch.get_rng_state(), state)
    model.eval()
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    pd.testing.assert_frame_equal(again.summary(), audit.summary(), atol=1e-6)


def test_beside_other_models_these_choose_the_images(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor
) -> None:
    other = ineq.Normalized(network(1), [0.4], [0.3])
    found = ineq.audit(model, images, labels, against={"other": other}, name="mine", count=30)
    verdict = found.tables["verdict"]
    beside = verdict[verdict["against"] == "other"]
    assert set(verdict["model"]) == {"mine"} and len(beside) and (beside["difference"] == 0).all()
    assert set(found.maps) == {"mine", "other"}


def test_quick_is_less_of_all(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> None:
    table = ineq.audit(model, images, labels, quick=True).summary()
    assert set(table["setting"].dropna()) == {"additive", "replace", *QUICK.colors} and table["images"].max() <= 60


def test_fewer_right_images_are_said_and_too_few_refused(
    audit: Audit, model: nn.Module, images: torch.Tensor, labels: torch.Tensor
) -> None:
    assert not audit.notes
    assert ineq.audit(model, images, labels, quick=True, count=55).notes == [
        "50 images are evaluated, not 55: no more are classified correctly"
    ]
    with pytest.raises(InputError, match="only 17 of 20 images are classified correctly, expected at least 20"):
        ineq.audit(model, images[1:21], labels[1:21])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"count": 5}, "count is 5, expected a whole number of at least 20"),
        ({"method": "integrated_gradient"}, "integrated_gradients"),
        ({"options": {"stepz": 3}}, "steps"),
        ({"mean": [0.5]}, "only one of mean and std"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"against": {"model": nn.Identity()}}, "'model'"),
        ({"name": "a/b"}, "'a/b'"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_computed(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, options: Mapping, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        ineq.audit(model, images, labels, **options)


def test_an_untrained_network_is_the_model_with_its_layers_reset(model: nn.Module, images: torch.Tensor) -> None:
    copy = untrained_copy(model, 0)
    assert copy is not None and torch.equal(copy(images), untrained_copy(model, 0)(images))  # type: ignore[misc]
    assert not torch.equal(copy(images), model(images)) and torch.equal(copy.mean, model.mean)  # type: ignore[arg-type]


def test_layers_that_cannot_be_reset_are_said(images: torch.Tensor) -> None:
    class Scale(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.by = nn.Parameter(torch.ones(1))

        def forward(self, values: torch.Tensor) -> torch.Tensor:
            return values * self.by

    model = nn.Sequential(Scale(), network(1))
    truth = predict_labels(model, images).astype(int)
    found = ineq.audit(model, images, truth, quick=True)
    assert any("cannot be reset" in note for note in found.notes) and found.summary()["untrained"].isna().all()
    assert ineq.audit(model, images, truth, quick=True, untrained=network(2)).summary()["untrained"].notna().any()


def test_a_long_one_says_so_before_it_starts(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(run, "LONG", 0)
    with caplog.at_level(logging.WARNING, "ineq"):
        ineq.audit(model, images, labels, count=20)
    assert "the audit of 20 images takes about" in caplog.text and "quick=True" in caplog.text


@pytest.mark.parametrize(("side", "study"), [(8, "digits"), (32, "cifar10"), (224, "imagenet")])
def test_sizes_are_those_of_the_studies(side: int, study: str) -> None:
    content = study_values(ROOT, study)
    channels, sizes = KNOWN[side]
    assert content["data"]["shape"] == [channels, side, side] and nearest_side((channels, side, side)) == side
    assert sizes_for((channels, side, side)) == sizes
    assert (sizes.region, sizes.radius) == (content["inequality"]["region"], content["attack"]["radius"])
    assert [*sizes.subpixels] == content["attack"]["subpixels"] and sizes.headline == content["tables"]["subpixels"]
    every, headline = [*sizes.subpixels], sizes.headline
    assert fewer(every, headline, FULL.budgets) == every and fewer(every, headline, QUICK.budgets) == [headline]
    assert fewer(every, headline, 2) == sorted([headline, every[-1]])


def pruned() -> nn.Module:
    model = network(1)
    prune.l1_unstructured(model[0], "weight", 0.1)  # type: ignore[index]
    return model


def normalised_weights() -> nn.Module:
    return nn.Sequential(parametrizations.weight_norm(nn.Conv2d(1, 4, 3)), nn.Flatten(), nn.Linear(144, 3)).eval()


class Keeps(nn.Sequential):
    """Keeps what it computed, with its graph: such a module cannot be copied."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.features = super().forward(images) * self[0].weight.sum()  # pyright: ignore[reportCallIssue]
        return self.features


class Scaled(nn.Linear):
    """A layer whose reset leaves a weight of its own as it was."""

    def __init__(self) -> None:
        super().__init__(64, 3)
        self.scale = nn.Parameter(torch.full((3,), 7.0))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.scale * super().forward(images.flatten(1))


def keeping() -> nn.Module:
    model = Keeps(*network(1))  # type: ignore[misc]
    model(torch.rand(2, *SHAPE))
    return model


@pytest.mark.parametrize("make", [pruned, normalised_weights, keeping, Scaled])
def test_no_trained_weight_is_in_the_untrained_network(make: Callable[[], nn.Module], images: torch.Tensor) -> None:
    model = make()
    assert untrained_copy(model, 0) is None
    truth = predict_labels(model, images).astype(int)
    # What a module keeps can be copied once it was computed without gradients.
    if len({*truth.tolist()}) > 1 and make is not keeping:
        assert any("cannot be reset" in note for note in ineq.audit(model, images, truth, quick=True).notes)


def test_models_that_it_is_compared_with_are_looked_at_too(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor
) -> None:
    soft = nn.Sequential(model, nn.Softmax(1))
    found = ineq.audit(model, images, labels, against={"soft": soft}, quick=True)
    assert any(note.startswith("soft: ") and "softmax" in note for note in found.notes)
    with pytest.raises(InputError, match="a model is called 'untrained'"):
        ineq.audit(model, images, labels, against={"untrained": soft})
