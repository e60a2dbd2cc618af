"""`ineq.audit`: the numbers of the public functions, with what they are read against."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import ineq
from ineq.config.compose import study_values
from ineq.errors import InputError
from ineq.model_audit import run
from ineq.model_audit.result import Audit
from ineq.model_audit.sizes import FULL, KNOWN, QUICK, fewer, nearest_side, sizes_for
from ineq.model_audit.untrained import shared_weights
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
    return ineq.audit(model, images, labels, count=30, untrained=network(2))


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
    again = ineq.audit(model, images.numpy(), labels.numpy(), count=30, batch_size=7, untrained=network(2))
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
    assert ineq.audit(model, images, labels, quick=True, count=55, untrained=network(2)).notes == [
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
        ({"options": {"steps": "3"}}, "steps is '3', expected a number"),
        ({"options": [3]}, "options are of type list, expected a mapping"),
        ({"against": [nn.Identity()]}, "against is of type list, expected a mapping"),
        ({"untrained": {}}, "model is of type dict, expected a torch.nn.Module"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_computed(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, options: Mapping, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        ineq.audit(model, images, labels, **options)


def test_without_an_untrained_network_the_audit_says_so(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor
) -> None:
    """A copy whose layers are reset has torch's weights, and not those that an architecture starts from."""
    alone = ineq.audit(model, images, labels, quick=True)
    assert any("no untrained network" in note for note in alone.notes)
    table = alone.summary()
    assert table["untrained"].isna().all() and table["input"].notna().any()


class Probe(nn.Sequential):
    """A new last layer on what another network has learnt."""

    def __init__(self, trained: nn.Module) -> None:
        super().__init__(copy.deepcopy(trained), nn.Linear(3, 3))


TRAINED: dict[str, Callable[[nn.Module], nn.Module]] = {
    "the model": lambda model: model,
    "a copy": copy.deepcopy,
    "its network": lambda model: model.network,  # type: ignore[return-value]
    "a linear probe": Probe,
    "frozen": lambda model: copy.deepcopy(model).requires_grad_(False),
}


@pytest.mark.parametrize("kind", TRAINED)
def test_no_trained_weight_is_in_the_untrained_network(
    kind: str, model: nn.Module, images: torch.Tensor, labels: torch.Tensor
) -> None:
    with pytest.raises(InputError, match=r"untrained has '.*weight' of the model model, expected a network before"):
        ineq.audit(model, images, labels, untrained=TRAINED[kind](model))


def test_what_no_training_changes_may_be_in_both() -> None:
    one, other = (nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.BatchNorm2d(2)) for _ in "ab")
    assert shared_weights(one, other) == "" and shared_weights(one, one) == "0.weight"


@pytest.mark.parametrize(("shape", "words"), [((1, 31, 31), "31×31.*scale them"), ((8, 8, 3), "are the channels last")])
def test_images_without_regions_are_refused(shape: tuple[int, ...], words: str) -> None:
    with pytest.raises(InputError, match=words):
        sizes_for(shape)


def test_a_property_of_the_model_that_fails_is_no_network(images: torch.Tensor) -> None:
    class Unset(nn.Sequential):
        @property
        def network(self) -> nn.Module:
            raise NotImplementedError("set one first")

    model = Unset(network(1))
    assert ineq.audit(model, images, predict_labels(model, images).astype(int), quick=True).name == "model"


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


def test_models_that_it_is_compared_with_are_looked_at_too(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor
) -> None:
    soft = nn.Sequential(model, nn.Softmax(1))
    found = ineq.audit(model, images, labels, against={"soft": soft}, quick=True)
    assert any(note.startswith("soft: ") and "softmax" in note for note in found.notes)
    with pytest.raises(InputError, match="a model is called 'untrained'"):
        ineq.audit(model, images, labels, against={"untrained": soft})
