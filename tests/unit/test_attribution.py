"""Attribution against values worked out by hand, and the contract that every method keeps."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from ineq.attribution.controls import input_differences
from ineq.attribution.methods import METHODS, attribute
from ineq.data.random_fields import normal_fields, uniform_numbers
from ineq.models.forward import evaluating, normalisation, predict_logits
from ineq.models.normalized import Normalized

torch.set_num_threads(1)
MEAN, STD = (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)
COUNT, SHAPE, CLASSES = 70, (3, 4, 4), 5


class Linear(nn.Module):
    """logits = W · pixels, with a row of W for each class."""

    def __init__(self) -> None:
        super().__init__()
        weights = torch.arange(CLASSES * 48, dtype=torch.float32).reshape(CLASSES, 48)
        self.weights = nn.Parameter(torch.sin(weights))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.flatten(1) @ self.weights.T


def convolutional() -> nn.Module:
    """A small net with everything that could remember or mix images: batch norm, dropout."""
    torch.manual_seed(0)
    layers = (nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.Softplus(), nn.Dropout(0.5), nn.Flatten())
    return Normalized(nn.Sequential(*layers, nn.Linear(8 * 16, CLASSES)), MEAN, STD)


@pytest.fixture
def images() -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).random((COUNT, *SHAPE), dtype=np.float32))


@pytest.fixture
def labels() -> torch.Tensor:
    return torch.arange(COUNT) % CLASSES


def per_channel(values: tuple[float, ...]) -> torch.Tensor:
    return torch.tensor(values).reshape(1, 3, 1, 1)


def test_integrated_gradients_by_hand(images: torch.Tensor, labels: torch.Tensor) -> None:
    model = Linear()
    weights = model.weights[labels].detach().reshape(COUNT, *SHAPE)
    field = normal_fields(7, "integrated-gradients-baseline", range(COUNT), SHAPE)
    in_pixel_space = attribute(model, images, labels, seed=7)
    torch.testing.assert_close(in_pixel_space, weights * (images - field), atol=2e-6, rtol=1e-5)
    start = per_channel(MEAN) + per_channel(STD) * field
    given = attribute(model, images, labels, seed=7, mean=MEAN, std=STD)
    torch.testing.assert_close(given, weights * (images - start), atol=2e-6, rtol=1e-5)
    wrapped = attribute(Normalized(model, MEAN, STD), images, labels, seed=7)
    torch.testing.assert_close(wrapped, weights / per_channel(STD) * (images - start), atol=1e-5, rtol=1e-5)
    zero = attribute(Normalized(model, MEAN, STD), images, labels, baseline="zero", steps=50)
    torch.testing.assert_close(zero, weights / per_channel(STD) * (images - per_channel(MEAN)), atol=1e-5, rtol=1e-5)


def test_input_x_gradient_by_hand(images: torch.Tensor, labels: torch.Tensor) -> None:
    model = Linear()
    weights = model.weights[labels].detach().reshape(COUNT, *SHAPE)
    torch.testing.assert_close(attribute(model, images, labels, "input_x_gradient"), weights * images)


def test_gradient_shap_by_hand(images: torch.Tensor, labels: torch.Tensor) -> None:
    """Of a linear model the gradient is the weight: the mean over draws of weight × (noisy image − zero)."""
    model = Linear()
    weights = model.weights[labels].detach().reshape(COUNT, *SHAPE)
    fields = [normal_fields(3, "gradient-shap-noise", range(COUNT), SHAPE, draw) for draw in range(4)]
    noise = per_channel(STD) * 0.5 * torch.stack(fields).mean(0)
    options = {"samples": 4, "stdev": 0.5, "seed": 3, "mean": MEAN, "std": STD}
    maps = attribute(model, images, labels, "gradient_shap", **options)
    torch.testing.assert_close(maps, weights * (images + noise - per_channel(MEAN)), atol=1e-5, rtol=1e-5)


def test_gradient_shap_takes_random_points(labels: torch.Tensor) -> None:
    class Square(Linear):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return super().forward(images**2)

    pixels = torch.ones(COUNT, *SHAPE)
    weights = Linear().weights[labels].detach().reshape(COUNT, *SHAPE)
    places = uniform_numbers(0, "gradient-shap-point", range(COUNT)).reshape(-1, 1, 1, 1)
    maps = attribute(Square(), pixels, labels, "gradient_shap", samples=1, stdev=0.0)
    torch.testing.assert_close(maps, weights * 2 * places, atol=1e-5, rtol=1e-5)


def test_smoothgrad_by_hand(images: torch.Tensor, labels: torch.Tensor) -> None:
    model = Linear()
    weights = model.weights[labels].detach().reshape(COUNT, *SHAPE)
    fields = torch.stack([normal_fields(3, "smoothgrad-noise", range(COUNT), SHAPE, draw) for draw in range(3)])
    each = weights * (images + 0.2 * per_channel(STD) * fields - per_channel(MEAN))
    options = {"samples": 3, "steps": 4, "seed": 3, "mean": MEAN, "std": STD}
    maps = attribute(model, images, labels, "smoothgrad", **options)
    torch.testing.assert_close(maps, each.mean(0), atol=1e-5, rtol=1e-5)
    squared = attribute(model, images, labels, "smoothgrad", type="smoothgrad_sq", **options)
    torch.testing.assert_close(squared, each.square().mean(0), atol=1e-5, rtol=1e-5)
    gradient = attribute(model, images, labels, "smoothgrad", base="gradient", samples=3)
    torch.testing.assert_close(gradient, weights)


def test_no_method_has_more_rows_than_said(images: torch.Tensor, labels: torch.Tensor) -> None:
    model, rows = convolutional(), []
    model.register_forward_pre_hook(lambda _, inputs: rows.append(len(inputs[0])))
    for method in METHODS:
        attribute(model, images, labels, method, batch_size=16)
    assert max(rows) == 16


def test_input_differences_have_the_methods_own_baseline(images: torch.Tensor) -> None:
    options = {"seed": 7, "mean": MEAN, "std": STD}
    field = normal_fields(7, "integrated-gradients-baseline", range(COUNT), SHAPE)
    from_noise = (images - per_channel(MEAN) - per_channel(STD) * field).abs()
    from_mean = (images - per_channel(MEAN)).abs()
    wanted = {"integrated_gradients": from_noise, "input_x_gradient": images}
    for method in METHODS:
        found = input_differences(images, method, **options)
        np.testing.assert_allclose(found, wanted.get(method, from_mean).numpy(), atol=1e-6)
    zero = input_differences(images.numpy(), "integrated_gradients", baseline="zero", **options)
    np.testing.assert_allclose(zero, from_mean.numpy(), atol=1e-6)


def test_twenty_points_are_gauss_legendre(images: torch.Tensor, labels: torch.Tensor) -> None:
    class Quartic(Linear):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return super().forward(images**4)

    # With 2 points the rule integrates the cubic gradient exactly; a Riemann sum would be far off.
    maps = attribute(Quartic(), images, labels, steps=2, baseline="zero")
    weights = Linear().weights[labels].detach().reshape(COUNT, *SHAPE)
    torch.testing.assert_close(maps, weights * images**4, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("baseline", ["normal", "zero"])
def test_completeness(baseline: str, images: torch.Tensor, labels: torch.Tensor) -> None:
    model = convolutional()
    maps = attribute(model, images, labels, baseline=baseline, steps=40, seed=1)
    field = normal_fields(1, "integrated-gradients-baseline", range(COUNT), SHAPE)
    start = per_channel(MEAN) + per_channel(STD) * (field if baseline == "normal" else torch.zeros_like(field))
    difference = predict_logits(model, images) - predict_logits(model, start)
    torch.testing.assert_close(maps.sum((1, 2, 3)), difference[torch.arange(COUNT), labels], atol=2e-4, rtol=1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_contract(method: str, images: torch.Tensor, labels: torch.Tensor) -> None:
    model = convolutional().train()
    model.network[3].eval()  # type: ignore[index,operator]
    flags = [module.training for module in model.modules()]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    random = torch.get_rng_state(), np.random.get_state()[1].copy()  # type: ignore[index,union-attr]
    maps = attribute(model, images, labels, method)
    assert maps.shape == images.shape and maps.dtype == torch.float32 and not maps.requires_grad
    assert maps.isfinite().all() and maps.abs().max() > 0
    assert [module.training for module in model.modules()] == flags
    assert all(parameter.grad is None and parameter.requires_grad for parameter in model.parameters())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(random[0], torch.get_rng_state())
    assert np.array_equal(random[1], np.random.get_state()[1])  # type: ignore[index]
    assert torch.equal(maps, attribute(model, images, labels, method))


# 20 samples of 20 steps, one image at a time, would take a quarter of all unit tests' time.
FEWER: dict[str, dict[str, Any]] = {"smoothgrad": {"samples": 4, "steps": 8}}


@pytest.mark.parametrize("method", METHODS)
def test_batches_and_subsets_agree(method: str, images: torch.Tensor, labels: torch.Tensor) -> None:
    model, options = convolutional(), FEWER.get(method, {})
    whole = attribute(model, images, labels, method, batch_size=64, **options)
    for size in (1, 7):
        other = attribute(model, images, labels, method, batch_size=size, **options)
        assert (other - whole).abs().max() <= 1e-5 * whole.abs().max()
    some = torch.tensor([69, 3, 40])
    part = attribute(model, images[some], labels[some], method, indices=some, **options)
    assert (part - whole[some]).abs().max() <= 1e-5 * whole.abs().max()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_where_the_caller_wants_no_gradients(method: str, context: Callable, images, labels) -> None:
    model = convolutional()
    expected = attribute(model, images, labels, method)
    with context():
        torch.testing.assert_close(attribute(model, images.clone(), labels.clone(), method), expected)


def test_numpy_in_numpy_out(images: torch.Tensor, labels: torch.Tensor) -> None:
    maps = attribute(convolutional(), images.numpy(), labels.numpy().astype(np.uint8))
    assert isinstance(maps, np.ndarray) and maps.dtype == np.float32
    np.testing.assert_array_equal(maps, attribute(convolutional(), images, labels).numpy())


def test_a_forward_pass_has_no_more_rows_than_said(images: torch.Tensor, labels: torch.Tensor) -> None:
    model, rows = convolutional(), []
    model.register_forward_pre_hook(lambda _, inputs: rows.append(len(inputs[0])))
    attribute(model, images, labels, batch_size=16)
    asked = 4 + 8 + 1  # how it answers, alone and in company, and whether it has a gradient
    assert max(rows) == 16 and sum(rows) == asked + COUNT * 20


@pytest.mark.parametrize(("method", "options"), [("gradient_shap", {}), ("smoothgrad", {"base": "gradient"})])
def test_draws_of_few_images_share_a_pass(
    method: str, options: dict[str, Any], images: torch.Tensor, labels: torch.Tensor
) -> None:
    model, rows, few = convolutional(), [], (images[:3], labels[:3])
    model.register_forward_pre_hook(lambda _, inputs: rows.append(len(inputs[0])))
    found = attribute(model, *few, method, batch_size=16, samples=12, **options)
    assert rows == [1, 1, 1, 6, 1, 15, 15, 6]
    alone = attribute(model, *few, method, batch_size=3, samples=12, **options)
    torch.testing.assert_close(found, alone, rtol=1e-4, atol=1e-5 * float(alone.abs().max()))


def test_the_seed_and_the_index_decide(images: torch.Tensor, labels: torch.Tensor) -> None:
    model = convolutional()
    whole = attribute(model, images, labels)
    assert not torch.allclose(whole, attribute(model, images, labels, seed=1))
    assert not torch.allclose(whole, attribute(model, images, labels, indices=range(1, COUNT + 1)))


def test_evaluating_restores_after_an_error() -> None:
    model = convolutional().train()
    with pytest.raises(ZeroDivisionError), evaluating(model):
        assert not any(module.training for module in model.modules())
        raise ZeroDivisionError
    assert all(module.training for module in model.modules())


def test_normalisation_takes_the_models_own(images: torch.Tensor) -> None:
    mean, std = normalisation(convolutional(), images)
    assert mean.flatten().tolist() == pytest.approx(MEAN) and std.flatten().tolist() == pytest.approx(STD)
    assert [value.flatten().tolist() for value in normalisation(Linear(), images)] == [[0, 0, 0], [1, 1, 1]]
