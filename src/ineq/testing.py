"""What a plug-in has to keep to, as tests that its author can call: each failure is one sentence.

    from ineq.testing import check_method

    def test_contract():
        check_method(METHOD)

They take seconds, on a network and images made here.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import numpy as np
import torch
from torch import nn

from ineq.attacks.base import Attack
from ineq.attacks.names import WHERE
from ineq.attacks.registry import refuse_ill_made
from ineq.attacks.target import target
from ineq.attribution.methods import Batch, Method
from ineq.errors import InputError
from ineq.models.normalized import Normalized

COUNT, CHANNELS, SIDE, CLASSES = 6, 3, 8, 4
CLOSE = 1e-3
"""How far a value may move with the batch it is computed in, of the largest: float32 rounds."""
Function = Callable[..., torch.Tensor]


def check_method(method: Method, **options: Any) -> None:
    """Raise `AssertionError` unless an attribution method, with these options, keeps its contract.

    Maps are finite and as large as the images; image by image the same in any batch and order, keyed by seed and
    index; no forward pass has more rows than `Batch.rows`. The model, the images and the global random state stay as
    they are, and an unknown option is refused.
    """
    assert isinstance(method, Method), f"is a {type(method).__name__}, expected an ineq.attribution.methods.Method"
    unknown = [name for name in options if name not in method.options]
    assert not unknown, f"has no option '{unknown[0]}': it has {', '.join(method.options) or 'none'}"
    idle = [name for name in method.choices if name not in method.options]
    assert not idle, f"has choices for '{idle[0]}', which is none of its options"
    all_options, model, seen = {**method.options, **options}, *_model()

    def maps(rows: list[int], size: int, seed: int = 1, **more: Any) -> torch.Tensor:
        parts = []
        for start in range(0, len(rows), size):
            keys = rows[start : start + size]
            images, labels, _ = _inputs(keys)
            space = torch.full((1, CHANNELS, 1, 1), 0.5), torch.full((1, CHANNELS, 1, 1), 0.25)
            batch = Batch(images, labels, np.array(keys), seed, *space, rows=size)
            seen.clear()
            with _unchanged(model, images=images, labels=labels):
                parts.append(method.function(model, batch, **all_options, **more))
            _shaped(parts[-1], images, "map")
            assert max(seen, default=0) <= size, f"puts {max(seen)} rows through the model: Batch.rows allows {size}"
        return torch.cat(parts).detach().double()

    _by_image(maps)
    _refuses(lambda: maps([0], 1, no_such_option=1))


def check_attack(kind: type[Attack], **options: Any) -> None:
    """Raise `AssertionError` unless an attack, with these options, keeps its contract.

    It is a frozen dataclass made of `Attack` whose options have defaults, with a name, settings and budgets. Attacked
    images are in [0, 1]; image by image the same in any batch and order, keyed by seed and index. What is handed in and
    the global random state stay as they are, and an unknown option is refused.
    """
    try:
        refuse_ill_made(getattr(kind, "name", "without a name"), kind)
        made = kind(**options)
    except (InputError, TypeError) as error:
        raise AssertionError(str(error)) from None
    assert made.settings, "has no settings: expected at least one"
    assert made.budgets, "has no budgets: expected at least one axis"
    for axis, values in made.budgets.items():
        assert list(values) == sorted(set(values)), f"has budgets {list(values)} of {axis}: expected ascending numbers"

    def images(rows: list[int], size: int, seed: int = 1, where: str = "important") -> torch.Tensor:
        pixels, _, maps = _inputs(rows)
        parts = []
        with _unchanged(nn.Identity(), images=pixels, maps=maps):
            try:
                whole = target(made, pixels, maps, seed=seed, indices=np.array(rows), mean=0.5, std=0.25)
                for budget in product(*made.budgets.values()):
                    named = dict(zip(made.budgets, budget, strict=True))
                    parts += [whole.attacked(where, setting, named, 0, size) for setting in made.settings]
            except InputError as error:
                raise AssertionError(str(error)) from None
        for attacked in parts:
            _shaped(attacked, pixels, f"image where '{where}'")
            low, high = float(attacked.min()), float(attacked.max())
            assert 0 <= low <= high <= 1, f"gives pixels from {low:g} to {high:g}, expected values in [0, 1]"
        return torch.cat(parts, dim=1).double()

    for where in WHERE:
        _by_image(lambda *arguments, where=where: images(*arguments, where=where))


class _Small(nn.Module):
    """A network whose gradient differs from value to value."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Conv2d(CHANNELS, 8, 3, padding=1), nn.Linear(8 * SIDE * SIDE, CLASSES)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.last(torch.tanh(self.first(images)).flatten(1))


def _model() -> tuple[nn.Module, list[int]]:
    """A model as the pipeline hands it over, and the rows of each of its forward passes."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = _Small()
    model = Normalized(network, [0.5] * CHANNELS, [0.25] * CHANNELS).eval().requires_grad_(False)
    seen: list[int] = []
    model.register_forward_pre_hook(lambda _, inputs: seen.append(len(inputs[0])))
    return model, seen


def _inputs(rows: list[int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Images, labels and maps of these positions."""
    random = torch.Generator().manual_seed(1)
    images = torch.rand(COUNT, CHANNELS, SIDE, SIDE, generator=random)
    maps = torch.randn(COUNT, CHANNELS, SIDE, SIDE, generator=random)
    return images[rows], torch.arange(COUNT)[rows] % CLASSES, maps[rows]


def _shaped(tensor: Any, images: torch.Tensor, what: str) -> None:
    kind = type(tensor).__name__
    assert isinstance(tensor, torch.Tensor), f"gives a {kind} as {what}, expected a torch tensor"
    shape = tuple(images.shape)
    assert tensor.shape == images.shape, f"gives a {what} of shape {tuple(tensor.shape)} for images {shape}"
    assert tensor.dtype in (torch.float32, torch.float64), (
        f"gives a {what} of {tensor.dtype}, expected float32 or float64"
    )
    assert bool(tensor.isfinite().all()), f"gives NaN or infinite values in a {what}"


def _by_image(function: Function) -> None:
    """The same twice, one by one, and backwards, whatever the state of the global generators."""
    every = list(range(COUNT))
    first = function(every, COUNT)
    with _other_random_state():
        again = function(every, COUNT)
    assert torch.equal(first, again), "differs between two calls: draw by (seed, index), as batch.normal does"
    assert _close(first, function(every, 1)), "differs with the size of the batch, expected image by image the same"
    other = function(every[::-1], COUNT).flip(0)
    assert _close(first, other), "differs with the order of the images: draw from (seed, index), not from the place"


@contextmanager
def _other_random_state() -> Iterator[None]:
    """The global generators in another state inside, as after whatever ran before."""
    kept = torch.get_rng_state(), np.random.get_state(), random.getstate()
    torch.manual_seed(1)
    np.random.seed(1)
    random.seed(1)
    try:
        yield
    finally:
        torch.set_rng_state(kept[0])
        np.random.set_state(kept[1])
        random.setstate(kept[2])


def _close(one: torch.Tensor, other: torch.Tensor) -> bool:
    return float((one - other).abs().max()) <= CLOSE * float(one.abs().max())


def _refuses(call: Callable[[], object]) -> None:
    try:
        call()
    except (TypeError, InputError):
        return
    raise AssertionError("takes an option that it does not have: a misspelt one would change nothing, and nobody knew")


@contextmanager
def _unchanged(model: nn.Module, **tensors: torch.Tensor) -> Iterator[None]:
    """Raise `AssertionError` where the model, what is handed in, or the global random state is changed inside."""
    copies = {name: tensor.clone() for name, tensor in tensors.items()}
    before, weights = _state(model), [values.clone() for values in model.state_dict().values()]
    yield
    for name, tensor in tensors.items():
        assert torch.equal(tensor.detach(), copies[name]), f"writes into the {name} that it is given"
    for what, value in _state(model).items():
        assert value == before[what], f"changes {what}, expected it as it was"
    after = model.state_dict().values()
    assert all(map(torch.equal, weights, after)), "changes the model's weights or buffers"


def _state(model: nn.Module) -> dict[str, Any]:
    parameters = list(model.parameters())
    return {
        "the model's training flags": [module.training for module in model.modules()],
        "which weights need gradients": [values.requires_grad for values in parameters],
        "the gradients of the model's weights": [values.grad is None for values in parameters],
        "the hooks of the model": [
            len(module._forward_hooks) + len(module._backward_hooks) for module in model.modules()
        ],
        "torch's global random state": torch.get_rng_state().numpy().tobytes(),
        "numpy's global random state": repr(np.random.get_state(legacy=False)["state"]["key"].tolist()),  # pyright: ignore[reportArgumentType]
        "Python's global random state": random.getstate(),
    }
