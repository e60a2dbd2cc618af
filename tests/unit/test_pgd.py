"""PGD: exact on a linear model, inside the ball and the pixel range on any, and without side effects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from ineq.errors import InputError
from ineq.models.architectures import build
from ineq.models.normalized import Normalized
from ineq.models.pgd import pgd, random_start
from ineq.models.recipe import Recipe

torch.set_num_threads(1)


@pytest.fixture
def model() -> Normalized:
    return Normalized(build({"name": "resnet8", "width": 4, "channels": 1, "classes": 10}, seed=3), [0.3], [0.4])


def batch(count: int = 16) -> tuple[torch.Tensor, torch.Tensor]:
    source = torch.Generator().manual_seed(0)
    return torch.rand(count, 1, 8, 8, generator=source), torch.randint(10, (count,), generator=source)


def loss(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return functional.cross_entropy(model.eval()(images), labels, reduction="none")


def test_on_a_linear_model_it_is_epsilon_times_the_sign_of_the_weights() -> None:
    weights = torch.tensor([[1.0, -2.0, 0.5, 0.0], [0.0, 1.0, -1.0, 0.0]])
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2, bias=False))
    model[1].weight.data = weights
    images = torch.tensor([0.5, 0.5, 0.95, 0.5]).view(1, 1, 2, 2)
    # True class 0: the loss grows along w1 − w0 = (−1, 3, −1.5, 0). A zero gradient moves nothing.
    attacked = pgd(model, images, torch.tensor([0]), epsilon=0.1, steps=5)
    assert attacked.flatten().tolist() == pytest.approx([0.4, 0.6, 0.85, 0.5])
    # True class 1: the other way, and 0.95 + 0.1 is cut at 1.
    attacked = pgd(model, images, torch.tensor([1]), epsilon=0.1, steps=5)
    assert attacked.flatten().tolist() == pytest.approx([0.6, 0.4, 1.0, 0.5])


def test_n_fgsm_by_hand_on_a_linear_model() -> None:
    """x + noise + ε · sign, not projected: up to 3 ε away where noise and sign agree, and cut at the pixel range."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2, bias=False))
    model[1].weight.data = torch.tensor([[1.0, -2.0, 0.5, 0.0], [0.0, 1.0, -1.0, 0.0]])
    images = torch.tensor([0.5, 0.5, 0.95, 0.5]).view(1, 1, 2, 2)
    noise = torch.tensor([-0.2, -0.15, 0.2, 0.2]).view(1, 1, 2, 2)
    # True class 0: the loss grows along (−1, 3, −1.5, 0); 0.95 + 0.2 is cut at 1 before the step.
    attacked = pgd(model, images, torch.tensor([0]), epsilon=0.1, steps=1, step_size=0.1, start=noise, project=False)
    assert attacked.flatten().tolist() == pytest.approx([0.2, 0.45, 0.9, 0.7])
    recipe = Recipe(seed=0, norm="linf", epsilon=0.1, steps=1, attack="n-fgsm")
    assert (recipe.reach, recipe.step) == (2, 1), "as de Jorge et al. (2022) have them"


def test_pgds_steps_are_as_long_as_its_recipe_says() -> None:
    recipe = Recipe(seed=0, norm="linf", epsilon=0.1, steps=4)
    assert (recipe.reach, recipe.step) == (1, 2.5 / 4), "as `pgd` has them"
    assert (replace(recipe, noise=0.5).reach, replace(recipe, step_size=0.5).step) == (0.5, 0.5)


@pytest.mark.parametrize("epsilon", [0.0, 0.05, 0.3])
@pytest.mark.parametrize("started", [False, True])
def test_it_stays_in_the_ball_and_in_the_pixel_range(model: Normalized, epsilon: float, started: bool) -> None:
    images, labels = batch()
    start = torch.full_like(images, 0.9) if started else None  # a start from outside the ball is put back too
    attacked = pgd(model, images, labels, epsilon=epsilon, steps=4, start=start)
    assert float((attacked - images).abs().max()) <= epsilon + 1e-7
    assert 0 <= float(attacked.min()) <= float(attacked.max()) <= 1
    assert not attacked.requires_grad


def test_it_raises_the_loss_of_every_image(model: Normalized) -> None:
    images, labels = batch()
    attacked = pgd(model, images, labels, epsilon=0.1, steps=7)
    assert bool((loss(model, attacked, labels) > loss(model, images, labels)).all())


def test_no_steps_give_the_start(model: Normalized) -> None:
    images, labels = batch()
    start = torch.full_like(images, 0.01)
    assert torch.equal(pgd(model, images, labels, epsilon=0.1, steps=0, start=start), (images + 0.01).clamp(max=1))


def test_an_image_is_attacked_alike_in_any_batch(model: Normalized) -> None:
    images, labels = batch()
    together = pgd(model, images, labels, epsilon=0.1, steps=1)
    alone = pgd(model, images[:1], labels[:1], epsilon=0.1, steps=1)
    torch.testing.assert_close(together[:1], alone)


def test_model_and_images_are_left_as_they_were(model: Normalized) -> None:
    images, labels = batch()
    model.train()
    model.network[1].eval()  # type: ignore[index]
    flags = [module.training for module in model.modules()]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    copy, generator = images.clone(), torch.get_rng_state()
    pgd(model, images, labels, epsilon=0.1, steps=3)
    assert [module.training for module in model.modules()] == flags
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(weights.grad is None for weights in model.parameters())
    assert torch.equal(images, copy)
    assert not images.requires_grad
    assert torch.equal(generator, torch.get_rng_state())


def test_l2_on_a_linear_model_goes_along_the_weights() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2, bias=False))
    model[1].weight.data = torch.tensor([[3.0, 0.0, 0.0, 0.0], [0.0, 4.0, 0.0, 0.0]])
    images = torch.full((1, 1, 2, 2), 0.5)
    # True class 0: the loss grows along w1 − w0 = (−3, 4, 0, 0), whose length is 5.
    attacked = pgd(model, images, torch.tensor([0]), epsilon=0.1, steps=5, norm="l2")
    assert attacked.flatten().tolist() == pytest.approx([0.44, 0.58, 0.5, 0.5], abs=1e-6)


@pytest.mark.parametrize("epsilon", [0.0, 0.1, 2.0])
def test_l2_stays_in_the_ball_and_in_the_pixel_range(model: Normalized, epsilon: float) -> None:
    images, labels = batch()
    start = torch.from_numpy(random_start(np.random.default_rng(0), images.shape, epsilon, "l2"))
    attacked = pgd(model, images, labels, epsilon=epsilon, steps=4, norm="l2", start=start)
    assert float((attacked - images).flatten(1).norm(dim=1).max()) <= epsilon + 1e-5
    assert 0 <= float(attacked.min()) <= float(attacked.max()) <= 1
    if epsilon:
        assert bool((loss(model, attacked, labels) > loss(model, images, labels)).all())


def test_starts_are_uniform_in_the_ball() -> None:
    shape, draws = (4000, 1, 1, 2), np.random.default_rng(0)
    box = random_start(draws, shape, 0.5, "linf")
    assert box.dtype == np.float32 and abs(box).max() <= 0.5 and abs(box.mean()) < 0.02
    lengths = np.linalg.norm(random_start(draws, shape, 0.5, "l2").reshape(len(box), -1), axis=1)
    # In the plane, a quarter of a disc lies within half its radius.
    assert lengths.max() <= 0.5 + 1e-6 and abs((lengths < 0.25).mean() - 0.25) < 0.03


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"epsilon": 9, "steps": 1, "norm": "l2"}, "epsilon is 9, expected a distance of pixel values from 0 to 8"),
        ({"epsilon": -0.1, "steps": 1}, "epsilon is -0.1, expected a pixel value from 0 to 1"),
        ({"epsilon": 8, "steps": 1}, "epsilon is 8"),
        ({"epsilon": float("nan"), "steps": 1}, "epsilon is nan"),
        ({"epsilon": 0.1, "steps": 1.5}, "steps is 1.5"),
        ({"epsilon": 0.1, "steps": 1, "norm": "l0"}, "unknown norm of the attack 'l0', expected one of l2, linf"),
    ],
)
def test_bad_options_are_one_sentence(model: Normalized, options: dict, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        pgd(model, *batch(), **options)
