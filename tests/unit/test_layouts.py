"""How values lie in memory changes no result: every public function, on every layout that people's arrays have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import ineq
from ineq.attacks.noise import Noise
from ineq.attacks.occlusion import Occlusion
from ineq.attacks.run import attack_outcome
from ineq.attacks.transfer import Budgets, transfer
from ineq.data.checks import as_images
from ineq.device import same_device

torch.set_num_threads(1)
COUNT, SHAPE, CLASSES = 4, (3, 8, 8), 5
# One image and one map, four times, so that they can also be given as an expanded view.
IMAGES = np.repeat(np.random.default_rng(0).random((1, *SHAPE), np.float32), COUNT, axis=0)
MAPS = np.repeat(np.random.default_rng(1).standard_normal((1, *SHAPE), np.float32), COUNT, axis=0)
LABELS = np.arange(COUNT)


def read_only(values: np.ndarray) -> np.ndarray:
    values = values.copy()
    values.flags.writeable = False
    return values


def every_second(values: np.ndarray) -> np.ndarray:
    wide = np.zeros((*values.shape[:3], 2 * values.shape[3]), values.dtype)
    wide[..., ::2] = values
    return wide[..., ::2]


LAYOUTS: dict[str, Callable[[np.ndarray], Any]] = {
    "numpy": np.ascontiguousarray,
    "numpy, transposed from NHWC": lambda values: np.ascontiguousarray(values.transpose(0, 2, 3, 1)).transpose(
        0, 3, 1, 2
    ),
    "numpy, Fortran order": np.asfortranarray,
    "numpy, strided": every_second,
    "numpy, negative strides": lambda values: np.ascontiguousarray(values[..., ::-1, ::-1])[..., ::-1, ::-1],
    "numpy, broadcast": lambda values: np.broadcast_to(values[:1], values.shape),
    "numpy, read-only": read_only,
    "numpy, big-endian": lambda values: values.astype(">f4"),
    "torch": torch.from_numpy,
    "torch, permuted from NHWC": lambda values: (
        torch.from_numpy(values).permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
    ),
    "torch, channels_last": lambda values: torch.from_numpy(values).contiguous(memory_format=torch.channels_last),
    "torch, strided": lambda values: torch.from_numpy(every_second(values)),
    "torch, expanded": lambda values: torch.from_numpy(values[:1].copy()).expand(values.shape),
    "torch, a part of more": lambda values: torch.from_numpy(np.pad(values, ((1, 1), (0, 0), (1, 1), (1, 1))))[
        1:-1, :, 1:-1, 1:-1
    ],
}


@pytest.fixture(scope="module")
def model() -> nn.Module:
    torch.manual_seed(0)
    layers = (nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, CLASSES))
    return ineq.Normalized(nn.Sequential(*layers), [0.5] * 3, [0.25] * 3).eval()


OCCLUSION: dict[str, Any] = {"count": 3, "radius": 2, "region": 4}
BUDGETS = Budgets("black", [{"count": 2, "radius": 1}], 9, 1, True, 4, "signed")
FUNCTIONS: dict[str, Callable[[nn.Module, Any, Any], Any]] = {
    "gini": lambda model, images, maps: ineq.gini(maps, axis=(1, 2, 3)),
    "regional_gini": lambda model, images, maps: ineq.regional_gini(maps, 4),
    "sparsity": lambda model, images, maps: ineq.sparsity(maps, 0.5),
    **{
        method: lambda model, images, maps, method=method: ineq.attribute(model, images, LABELS, method)
        for method in ("integrated_gradients", "input_x_gradient", "gradient_shap", "smoothgrad")
    },
    **{
        f"noise_attack, {kind}, {where}": lambda model, images, maps, kind=kind, where=where: ineq.noise_attack(
            model, images, LABELS, maps, subpixels=50, kind=kind, where=where
        )
        for kind in ("additive", "replace")
        for where in ("important", "random", "least")
    },
    **{
        f"occlusion_attack, {color}": lambda model, images, maps, color=color: ineq.occlusion_attack(
            model, images, LABELS, maps, color=color, **OCCLUSION
        )
        for color in ("black", "mean")
    },
    **{
        f"attack_outcome, {attack.name}": lambda model, images, maps, attack=attack: attack_outcome(
            attack, model, images, LABELS, maps
        )
        for attack in (Noise([2, 50]), Occlusion(colors=["gray"], **OCCLUSION))
    },
    "transfer": lambda model, images, maps: transfer(
        "it", {"it": model}, images, LABELS, maps, BUDGETS, indices=LABELS, seed=0
    ),
}


def arrays(result: Any) -> list[np.ndarray]:
    """A result's parts as arrays, whatever it is: a tensor, an array, a table, a mapping or a dataclass."""
    if isinstance(result, dict):
        return [part for value in result.values() for part in arrays(value)]
    if hasattr(result, "__dataclass_fields__"):
        return arrays({name: getattr(result, name) for name in result.__dataclass_fields__})
    return [np.asarray(result.to_csv() if hasattr(result, "to_csv") else result)]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_gives_the_same_for_every_layout(model: nn.Module, function: str) -> None:
    wanted = arrays(FUNCTIONS[function](model, IMAGES, MAPS))
    for name, lay in LAYOUTS.items():
        images, maps = lay(IMAGES), lay(MAPS)
        for result, other in zip(arrays(FUNCTIONS[function](model, images, maps)), wanted, strict=True):
            np.testing.assert_array_equal(result, other, err_msg=name)
        np.testing.assert_array_equal(np.asarray(images), IMAGES, err_msg=f"{name}: the caller's images changed")
        np.testing.assert_array_equal(np.asarray(maps), MAPS, err_msg=f"{name}: the caller's maps changed")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_noise_changes_so_many_subpixels_in_every_layout(model: nn.Module, layout: str) -> None:
    result = ineq.noise_attack(model, LAYOUTS[layout](IMAGES), LABELS, LAYOUTS[layout](MAPS), subpixels=50, clip=False)
    assert (result.images.numpy() != IMAGES).reshape(COUNT, -1).sum(1).tolist() == [50] * COUNT


def test_one_channel_has_one_order_too() -> None:
    """torch calls both of its orders contiguous, and takes other kernels for them."""
    images = torch.rand(2, 4, 4, 1).permute(0, 3, 1, 2)
    assert images.is_contiguous() and images.stride() != (16, 16, 4, 1) == as_images(images).stride()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("cuda", "cuda:0", True),
        ("cuda:0", "cuda", True),
        ("cuda:1", "cuda:1", True),
        ("cuda:0", "cuda:1", False),
        ("cpu", "cpu:0", True),
        ("cpu", "cuda", False),
        ("mps", "mps:0", True),
    ],
)
def test_two_names_of_one_device(one: str, other: str, same: bool) -> None:
    assert same_device(torch.device(one), torch.device(other)) is same
