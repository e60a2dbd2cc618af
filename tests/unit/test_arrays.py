"""Arrays as people have them: taken with the right numbers, or refused in one sentence; rounded images are taken."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import nn
from torchvision import tv_tensors

import ineq
from ineq.data.checks import as_images, as_indices, as_labels, as_maps

torch.set_num_threads(1)
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning")
VALUES = np.random.default_rng(0).random((2, 3, 4, 4), np.float32)
TENSOR = torch.from_numpy(VALUES)
LABELS = np.arange(2)


class Interface:
    """An array of another framework, by `__array__`, as of JAX and TensorFlow."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.asarray(self.values, dtype)


class DLPack:
    """One by DLPack alone."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def __dlpack__(self, **options: Any) -> Any:
        return self.values.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.values.__dlpack_device__()  # type: ignore[return-value]


class OnGPU:
    """CuPy's, which is not copied to the CPU unasked."""

    def __array__(self, *arguments: Any, **options: Any) -> np.ndarray:
        raise TypeError("Implicit conversion to a NumPy array is not allowed.")


class Subclass(torch.Tensor):
    pass


ARRAYS: dict[str, Callable[[np.ndarray], Any]] = {
    "__array__": Interface,
    "DLPack": DLPack,
    "a mask that hides nothing": np.ma.masked_array,
    "longdouble": lambda values: values.astype(np.longdouble),
    "read-only, from the end": lambda values: np.broadcast_to(values[..., ::-1], values.shape)[..., ::-1],
    "a subclass": lambda values: torch.from_numpy(values).as_subclass(Subclass),
    "torchvision's": lambda values: tv_tensors.Image(torch.from_numpy(values)),
    "a parameter": lambda values: nn.Parameter(torch.from_numpy(values)),
    "negative by its bit": lambda values: (torch.from_numpy(-values) * 1j).conj().imag,
    "of inference mode": torch.inference_mode()(lambda values: torch.from_numpy(values) + 0),
}  # fmt: skip
LISTS: dict[str, Callable[[np.ndarray], Any]] = {
    "nested lists": np.ndarray.tolist,
    "a list of arrays": list,
    "a list of tensors with gradients": lambda values: [torch.from_numpy(one).requires_grad_() for one in values],
    "a list of tensors": lambda values: list(torch.from_numpy(values)),
    "a buffer": lambda values: memoryview(values),  # type: ignore[arg-type]
}
NOT_DENSE: dict[str, tuple[Callable[[np.ndarray], Any], str]] = {
    "masked": (lambda values: np.ma.masked_array(values, values > 0.9), "are masked in part"),
    "masked by torch": (
        lambda values: torch.masked.masked_tensor(torch.from_numpy(values), torch.from_numpy(values > 0.1)),
        "are a masked tensor",
    ),
    "sparse": (lambda values: torch.from_numpy(values).to_sparse(), "are a tensor of layout torch.sparse_coo"),
    "oneDNN's": (lambda values: torch.from_numpy(values).to_mkldnn(), "are a tensor of layout torch._mkldnn"),
    "quantised": (
        lambda values: torch.quantize_per_tensor(torch.from_numpy(values), 0.1, 0, torch.qint8),
        "are a quantised tensor",
    ),
    "nested": (lambda values: torch.nested.nested_tensor(list(torch.from_numpy(values))), "are a nested tensor"),
    "on a GPU": (lambda values: OnGPU(), r"are a OnGPU that .* \(Implicit conversion to a NumPy array is not"),
    "objects": (lambda values: values.astype(object), "are object, expected"),
    "structured": (lambda values: np.zeros(values.shape, [("red", "f4")]), "are .*red.*, expected"),
    "complex": (lambda values: values * 1j, "are complex64, expected"),
    "dates": (lambda values: values.astype("M8[s]"), "are datetime64.*, expected"),
}  # fmt: skip


def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(48, 5))


MEASURES: dict[str, Callable[[Any], Any]] = {
    "gini": ineq.gini,
    "regional_gini": lambda maps: ineq.regional_gini(maps, 2),
    "sparsity": lambda maps: ineq.sparsity(maps, 0.5),
}
ATTACKS: dict[str, Callable[[Any], Any]] = {
    "attribute": lambda images: ineq.attribute(model(), images, LABELS, steps=2),
    "noise_attack": lambda maps: ineq.noise_attack(model(), VALUES, LABELS, maps, subpixels=3).images,
    "occlusion_attack": lambda maps: (
        ineq.occlusion_attack(model(), VALUES, LABELS, maps, count=1, radius=1, region=2).images
    ),
}


@pytest.mark.parametrize("kind", [*ARRAYS, *LISTS])
def test_measures_take_any_array(kind: str) -> None:
    values = {**ARRAYS, **LISTS}[kind](VALUES)
    for measure in MEASURES.values():
        # Python's numbers and longdouble are taken as float64.
        np.testing.assert_allclose(np.asarray(measure(values)), measure(VALUES), rtol=1e-12)


@pytest.mark.parametrize("kind", ARRAYS)
def test_images_and_maps_are_any_array(kind: str) -> None:
    values = ARRAYS[kind](VALUES)
    for function in ATTACKS.values():
        np.testing.assert_array_equal(np.asarray(function(values)), np.asarray(function(VALUES)))
    assert isinstance(ineq.attribute(model(), values, LABELS, steps=2), torch.Tensor | np.ndarray)


@pytest.mark.parametrize("kind", NOT_DENSE)
def test_what_does_not_hold_a_number_at_each_place_is_refused(kind: str) -> None:
    make, words = NOT_DENSE[kind]
    for function in (*MEASURES.values(), *ATTACKS.values()):
        with pytest.raises(ineq.InputError, match=words):
            function(make(VALUES))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([torch.rand(3), torch.rand(2)], "are a list that is ragged"),
        ([np.ma.masked_array([1.0, 2.0], [False, True])] * 2, "are masked in part"),
        ([[1], [1, 2]], "are a list that is ragged"),
        (pd.DataFrame({"name": ["a", "b"]}), "expected real numbers"),
        (pd.array([1, None], dtype="Int64"), "masked in part|object"),
        ("text", "expected real numbers"),
        (None, "are object, expected real numbers"),
        ({"a": 1.0}, "are object, expected real numbers"),
    ],
)
def test_measures_refuse_what_is_no_array(values: Any, words: str) -> None:
    with pytest.raises(ineq.InputError, match=words):
        ineq.gini(values)


def test_measures_take_tables_and_pictures() -> None:
    table = pd.DataFrame(VALUES[0, 0])
    np.testing.assert_array_equal(ineq.gini(table), ineq.gini(VALUES[0, 0]))
    assert ineq.gini(table[0]) == ineq.gini(VALUES[0, 0, :, 0])
    assert ineq.gini(array("d", [0, 0, 0, 1, 1])) == pytest.approx(0.6)
    picture = Image.fromarray((VALUES[0, 0] * 255).astype(np.uint8))
    np.testing.assert_array_equal(ineq.gini(picture), ineq.gini(np.asarray(picture)))


@pytest.mark.parametrize("values", [Image.new("RGB", (4, 4)), VALUES.tolist(), "picture.png", [TENSOR], None])
def test_images_are_no_pictures_and_no_lists(values: Any) -> None:
    with pytest.raises(ineq.InputError, match=r"images are a .*, expected a torch tensor or a numpy array"):
        as_images(values)


@pytest.mark.parametrize("labels", [pd.Series([1, 0]), np.array([1, 0], "u2"), DLPack(np.array([1, 0]))])
def test_labels(labels: Any) -> None:
    assert as_labels(labels, TENSOR).tolist() == [1, 0]


def test_indices() -> None:
    assert as_indices(torch.tensor([3, 1]), 2).tolist() == as_indices(range(3, 0, -2), 2).tolist() == [3, 1]
    for values in ([[1], [1, 2]], "ab", torch.eye(2).to_sparse(), np.ma.masked_array([1, 2], [True, False])):
        with pytest.raises(ineq.InputError, match="indices are"):
            as_indices(values, 2)  # type: ignore[arg-type]


def test_maps_keep_float64() -> None:
    assert as_maps(VALUES.astype(np.longdouble), TENSOR).dtype == torch.float64
    assert as_maps(VALUES.astype(np.float16), TENSOR).dtype == torch.float32


MEAN, STD = np.array([[0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]], np.float32)[..., None, None]
GREYS = np.broadcast_to(np.arange(256, dtype=np.float32).reshape(1, 1, 16, 16) / np.float32(255), (1, 3, 16, 16))


def undone(values: np.ndarray) -> np.ndarray:
    """Images that were normalised once: every grey is a little off."""
    return (values - MEAN) / STD * STD + MEAN


@pytest.mark.parametrize(
    "images",
    [
        undone(GREYS),
        torch.from_numpy(undone(GREYS)),
        VALUES.astype(np.float64).round() - 1e-7,
        np.where(VALUES > 0.5, np.float32(1.0000001), VALUES),
        torch.where(TENSOR > 0.5, 1.0000005, -TENSOR * 1e-6),
    ],
)
def test_what_rounding_leaves_outside_is_clipped(images: Any) -> None:
    before = np.array(images)
    assert before.min() < 0 or before.max() > 1
    taken = as_images(images)
    np.testing.assert_array_equal(taken.numpy(), np.clip(before.astype(np.float32), 0, 1))
    np.testing.assert_array_equal(np.array(images), before)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0, 1.00001, "from 0.0 to 1.00001,"),
        (0, np.float32(1) + np.float32(2**-19), "from 0.0 to 1.0000019,"),
        (-1.2e-6, 1, "from -1.2e-06 to 1.0,"),
        (0, 255, "from 0.0 to 255.0,"),
        (0, np.inf, "from 0.0 to inf,"),
        (0.5, np.nan, "from nan to nan,"),
    ],
)
def test_what_is_said_of_the_range_is_true(low: float, high: float, words: str) -> None:
    with pytest.raises(ineq.InputError, match=f"images have values {words} expected finite values in"):
        as_images(np.array([low, high], np.float32).reshape(1, 1, 1, 2))


def test_images_of_the_greatest_value_are_left_as_they_are() -> None:
    assert torch.equal(as_images(GREYS), torch.from_numpy(GREYS.copy()))
