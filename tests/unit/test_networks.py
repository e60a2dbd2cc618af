"""Networks as people bring them: each is measured, or refused in one sentence, and nothing of the caller's changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from odd_networks import NO_GRADIENT, REFUSED, TAKEN, X, convolutional, net, plain, raising
from torch import nn

import ineq
from ineq.attacks.autoattack import auto_attack
from ineq.attacks.budgets import Budget
from ineq.attacks.noise import Noise
from ineq.attacks.robustness import Settings, robustness
from ineq.attacks.run import attack_outcome
from ineq.attacks.transfer import Budgets, transfer

torch.set_num_threads(1)
# torch means to give up TorchScript and its own quantisation one day; people still bring them.
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning")
Y = torch.arange(4)


def state(model: Any) -> list[Any]:
    """All of a model that a measurement could change."""
    if not isinstance(model, nn.Module):
        return []
    tensors = [*model.parameters(), *model.buffers()]
    known = [tensor for tensor in tensors if not (tensor.is_meta or nn.parameter.is_lazy(tensor))]
    return [
        [tensor.detach().clone().numpy().tobytes() for tensor in known],
        [(tensor.requires_grad, tensor.grad is None, type(tensor)) for tensor in tensors],
        [getattr(module, "training", None) for module in model.modules()],
        [len(module._forward_hooks) + len(module._forward_pre_hooks) for module in model.modules()],
    ]


def attempt(call: Callable[[], object]) -> str:
    """What a call says if it refuses."""
    try:
        call()
    except ineq.InputError as error:
        return str(error)
    return "taken"


def answers(model: Any) -> list[str]:
    """What an attribution and an attack say of a model, which they leave as it is, as they do the images."""
    images, before = X.clone(), state(model)
    found = [
        attempt(lambda: ineq.attribute(model, images, Y, steps=2)),
        attempt(lambda: ineq.noise_attack(model, images, Y, X, subpixels=5)),
    ]
    assert torch.equal(images, X) and state(model) == before
    return found


@pytest.mark.parametrize("kind", TAKEN)
def test_a_network_is_measured(kind: str) -> None:
    assert answers(TAKEN[kind]()) == ["taken", "taken"]


@pytest.mark.parametrize("kind", REFUSED)
def test_a_network_is_refused_in_a_sentence(kind: str) -> None:
    make, words = REFUSED[kind]
    for said in answers(make()):
        assert re.search(words, said) and "\n" not in said


@pytest.mark.parametrize("kind", NO_GRADIENT)
def test_without_gradients_there_are_attacks_and_no_maps(kind: str) -> None:
    attribution, attack = answers(NO_GRADIENT[kind]())
    assert attribution.startswith("the model can't be differentiated with respect to the images: ")
    assert attack == "taken" and "\n" not in attribution


@pytest.mark.parametrize("error", [MemoryError(), torch.cuda.OutOfMemoryError("out of memory"), KeyboardInterrupt()])
def test_what_is_not_the_models_fault_stays(error: BaseException) -> None:
    with pytest.raises(type(error)):
        ineq.attribute(raising(error)(), X, Y)


IN_PLACE: dict[str, Callable[[Any, torch.Tensor], torch.Tensor]] = {
    "a first layer in place": lambda self, x: self.net(x.relu()),
    "a mean that is subtracted in place": lambda self, x: self.net((x - 0.5) / 0.25),
    "pixels that are set": lambda self, x: self.net(x.clamp(0.2, 0.8)),
}


@pytest.mark.parametrize("kind", IN_PLACE)
def test_a_network_that_works_in_place_is_the_same_function(kind: str) -> None:
    for method in ("integrated_gradients", "input_x_gradient", "gradient_shap", "smoothgrad"):
        found, wanted = (ineq.attribute(make(), X, Y, method) for make in (TAKEN[kind], net(IN_PLACE[kind])))
        assert torch.equal(found, wanted)


BUDGETS = Budgets("black", [], 3, 1, True, 2, "signed")
EVERYWHERE: dict[str, Callable[[Any], object]] = {
    "occlusion_attack": lambda model: ineq.occlusion_attack(model, X, Y, X, count=1, radius=1, region=2),
    "attack_outcome": lambda model: attack_outcome(Noise([2]), model, X, Y, X),
    "transfer": lambda model: transfer(
        "a",
        {"a": plain(), "b": model},
        X,
        Y,
        X,
        Budgets("black", [], 3, 1, True, 2, "signed"),
        indices=Y.numpy(),
        seed=0,
    ),
    "robustness": lambda model: robustness(
        model, X, Y, Y.numpy(), {"small": Budget("linf", 0.01)}, Settings(steps=2, seed=0)
    ),
}


@pytest.fixture
def no_auto_attack(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes seconds an image."""
    monkeypatch.setattr(
        "ineq.attacks.robustness.auto_attack", lambda model, images, *_, **__: np.ones(len(images), bool)
    )


@pytest.mark.usefixtures("no_auto_attack")
@pytest.mark.parametrize("function", EVERYWHERE)
def test_every_function_asks_the_same(function: str) -> None:
    call = EVERYWHERE[function]
    images = X.clone()
    assert attempt(lambda: call(TAKEN["a mean that is subtracted in place"]())) == "taken"
    assert attempt(lambda: call(TAKEN["an object with logits"]())) == "taken"
    assert torch.equal(images, X)
    for kind in ("a function", "torchvision's ViT", "one class", "dropout that is always on", "no running statistics"):
        make, words = REFUSED[kind]
        assert re.search(words, attempt(lambda make=make: call(make())))


def test_robustness_needs_gradients() -> None:
    said = attempt(lambda: EVERYWHERE["robustness"](NO_GRADIENT["detached"]()))
    assert said.startswith("the model can't be differentiated")


def test_auto_attack_differentiates_a_network_that_works_in_place() -> None:
    class Ensemble:
        attacks_to_run = ("apgd-ce",)
        apgd_targeted = fab = SimpleNamespace()

        def __init__(self, model: Callable[[torch.Tensor], torch.Tensor], **options: Any) -> None:
            self.model = model

        def run_standard_evaluation(self, images: torch.Tensor, *_: Any, **__: Any) -> tuple[torch.Tensor, None]:
            asked = images.clone().requires_grad_()
            assert torch.autograd.grad(self.model(asked).sum(), asked)[0].shape == images.shape
            return images, None

    model = TAKEN["a first layer in place"]()
    labels = model(X.clone()).argmax(1)
    assert auto_attack(model, X, labels, epsilon=0.1, norm="linf", seed=0, make=Ensemble).all()


def test_one_by_one_no_image_depends_on_another() -> None:
    model = convolutional(nn.BatchNorm2d(8, track_running_stats=False))
    maps = ineq.attribute(model, X, Y, steps=2, batch_size=1)
    torch.testing.assert_close(maps[2:3], ineq.attribute(model, X[2:3], Y[2:3], steps=2, batch_size=1, indices=[2]))


def test_a_network_without_values_is_refused_for_arrays_too() -> None:
    with pytest.raises(ineq.InputError, match="the model is on the meta device, expected one that holds values"):
        ineq.attribute(plain().to("meta"), X.numpy(), Y.numpy())
