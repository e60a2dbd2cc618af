"""The contract that a plug-in's author can test: what keeps it passes, and each way to break it is told."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch

from ineq.attacks.base import Attack
from ineq.attacks.noise import Noise
from ineq.attacks.occlusion import Occlusion
from ineq.attribution.methods import METHODS, Method
from ineq.data.random_fields import normal_fields
from ineq.testing import check_attack, check_method

PLUGINS = Path(__file__).resolve().parents[1] / "plugins"


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own plug-ins, as they lie there."""
    for package in ("gradient_power", "erase"):
        monkeypatch.syspath_prepend(str(PLUGINS / package))
        monkeypatch.delitem(sys.modules, package, raising=False)


def test_good_plugins_pass(sources: None) -> None:
    import erase  # pyright: ignore[reportMissingImports]
    import gradient_power  # pyright: ignore[reportMissingImports]

    state = torch.get_rng_state(), random.getstate()
    check_method(gradient_power.METHOD)
    check_method(gradient_power.METHOD, power=1.0)
    check_attack(erase.Erase)
    check_attack(erase.Erase, values=20)
    assert torch.equal(state[0], torch.get_rng_state()) and state[1] == random.getstate()
    with pytest.raises(AssertionError, match="has no option 'powr': it has power"):
        check_method(gradient_power.METHOD, powr=1.0)
    with pytest.raises(AssertionError, match="unexpected keyword argument 'value'"):
        check_attack(erase.Erase, value=1)


def test_built_in_methods_keep_it_too() -> None:
    check_method(METHODS["integrated_gradients"], steps=3)
    check_method(METHODS["gradient_shap"], samples=2)


def drawn(batch, purpose="map"):
    return normal_fields(batch.seed, purpose, batch.indices, batch.images.shape[1:])


def global_noise(model, batch):
    return torch.rand(batch.images.shape)


def by_place(model, batch):
    return normal_fields(batch.seed, "map", range(len(batch.images)), batch.images.shape[1:])


def of_the_batch(model, batch):
    return drawn(batch) / drawn(batch).std()


def in_place(model, batch):
    return batch.images.mul_(2)


def all_at_once(model, batch):
    model(torch.cat([batch.images, batch.images]))
    return drawn(batch)


def training(model, batch):
    model.train()
    return drawn(batch)


def needing(model, batch):
    model.requires_grad_()
    return drawn(batch)


def hooked(model, batch):
    model.register_forward_hook(lambda *_: None)
    return drawn(batch)


def seeding(model, batch):
    torch.manual_seed(batch.seed)
    return drawn(batch)


def swallowing(model, batch, **options):
    return drawn(batch)


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (global_noise, "torch's global random state"),
        (lambda model, batch: torch.from_numpy(np.random.rand(*batch.images.shape)), "numpy's global random state"),
        (by_place, "differs with the size of the batch"),
        (of_the_batch, "differs with the size of the batch"),
        (in_place, "writes into the images"),
        (all_at_once, "puts 12 rows through the model: Batch.rows allows 6"),
        (training, "the model's training flags"),
        (needing, "which weights need gradients"),
        (hooked, "the hooks of the model"),
        (seeding, "torch's global random state"),
        (swallowing, "takes an option that it does not have"),
        (lambda model, batch: drawn(batch).sum(1), "gives a map of shape"),
        (lambda model, batch: drawn(batch).half(), "gives a map of torch.float16"),
        (lambda model, batch: drawn(batch) / 0, "gives NaN or infinite values"),
        (lambda model, batch: drawn(batch).numpy(), "gives a ndarray as map"),
    ],
)
def test_a_bad_method_is_told_what_is_wrong(function, sentence: str) -> None:
    with pytest.raises(AssertionError, match=sentence):
        check_method(Method(function, {}, {}))


def test_what_is_no_method_is_told_so() -> None:
    with pytest.raises(AssertionError, match=r"is a function, expected an ineq\.attribution\.methods\.Method"):
        check_method(drawn)  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match="has choices for 'kind', which is none of its options"):
        check_method(Method(lambda model, batch: drawn(batch), {}, {"kind": ("a", "b")}))


@dataclass(frozen=True)
class Gray(Attack):
    """A good attack: some values at gray."""

    name: ClassVar[str] = "gray"
    settings: ClassVar[Sequence[str]] = ("gray",)
    number: int = 5

    @property
    def budgets(self):
        return {"values": (1, self.number)}

    def mask(self, batch, **budget):
        return batch.first(budget["values"])

    def fill(self, batch):
        return {"gray": torch.full_like(batch.images, 0.5)}


def by_place_in_batch(self, batch):
    noise = normal_fields(batch.seed, "test", range(len(batch.images)), batch.images.shape[1:])
    return {"gray": noise.clamp(0, 1)}


def writing(self, batch):
    return {"gray": batch.images.zero_()}


@pytest.mark.parametrize(
    ("methods", "sentence"),
    [
        ({"fill": by_place_in_batch}, "differs with the size of the batch"),
        ({"fill": lambda self, batch: {"gray": torch.rand(batch.images.shape)}}, "torch's global random state"),
        (
            {"fill": lambda self, batch: {"gray": batch.images * 0 + 2}},
            r"gives pixels from .* to 2, expected values in",
        ),
        ({"fill": writing}, "writes into the images"),
        ({"mask": lambda self, batch, **budget: batch.images}, "gives a mask .* of torch.float32"),
        ({"settings": ()}, "has no settings"),
        ({"budgets": property(lambda self: {})}, "has no budgets"),
        ({"budgets": property(lambda self: {"values": (5, 1)})}, r"has budgets \[5, 1\] of values: expected ascending"),
    ],
)
def test_a_bad_attack_is_told_what_is_wrong(methods: dict, sentence: str) -> None:
    check_attack(Gray)
    check_attack(Gray, number=9)
    with pytest.raises(AssertionError, match=sentence):
        check_attack(dataclass(frozen=True)(type("Bad", (Gray,), methods)))


def test_what_is_no_attack_is_told_so() -> None:
    with pytest.raises(AssertionError, match=r"is a function, expected a dataclass that inherits"):
        check_attack(drawn)  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match="unexpected keyword argument 'numbers'"):
        check_attack(Gray, numbers=1)


def test_built_in_attacks_keep_it_too() -> None:
    check_attack(Noise, subpixels=(1, 9))
    check_attack(Occlusion, count=2, radius=3, colors=("black", "mean"))
