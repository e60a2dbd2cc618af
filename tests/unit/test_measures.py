"""Gini, regional Gini and sparsity against hand-made values and the definition."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ineq.errors import InputError
from ineq.inequality import measures
from ineq.inequality.measures import gini, regional, regional_gini, share, sparsity
from ineq.inequality.table import MEASURES, measure

VALUES = arrays(np.float64, st.integers(1, 30), elements=st.floats(-1e6, 1e6, allow_subnormal=False)).filter(np.any)


def mean_difference_gini(values: np.ndarray) -> float:
    """The definition: mean absolute difference of all pairs over twice the mean."""
    sizes = [abs(float(value)) for value in values]
    total = sum(abs(a - b) for a in sizes for b in sizes)
    return total / (2 * len(sizes) * sum(sizes))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0, 0, 0, 1, 1), 0.6),  # PAPER §A.3
        ((0, 0, 0, 1, 1000), (6 - 2 * (2 * 1 + 1 * 1000) / 1001) / 5),
        ((3, 3, 3, 3), 0.0),
        ((-2, 2, -2), 0.0),
        ((5,), 0.0),
        ((0, 0, 7, 0), 0.75),
        ((1, 2, 3, 4), 0.25),
        ((-4, 1, 3, -2), 0.25),
    ],
)
def test_gini_by_hand(values: tuple[int, ...], expected: float) -> None:
    assert gini(np.array(values)) == pytest.approx(expected, abs=1e-15)
    assert gini(np.array(values, np.float32)) == pytest.approx(expected, abs=1e-15)
    assert gini(list(values)) == pytest.approx(expected, abs=1e-15)


def test_the_papers_second_example_to_four_digits() -> None:
    assert round(float(gini(np.array([0, 0, 0, 1, 1000]))), 4) == 0.7996


@pytest.mark.parametrize("n", [1, 2, 10, 1000])
def test_one_value_that_holds_everything(n: int) -> None:
    assert gini(np.eye(n)[0]) == pytest.approx(1 - 1 / n, abs=1e-15)


def test_gini_axes_and_types() -> None:
    values = np.random.default_rng(0).normal(size=(4, 3, 5, 6)).astype(np.float32)
    expected = np.array([mean_difference_gini(one.ravel()) for one in values])
    np.testing.assert_allclose(gini(values.reshape(4, -1)), expected, rtol=1e-12)
    np.testing.assert_allclose(gini(values, axis=(1, 2, 3)), expected, rtol=1e-12)
    np.testing.assert_allclose(gini(values.reshape(4, -1).T, axis=0), expected, rtol=1e-12)
    assert gini(values, axis=1).shape == (4, 5, 6)
    result = gini(torch.from_numpy(values), axis=(1, 2, 3))
    assert isinstance(result, torch.Tensor) and result.dtype == torch.float64
    np.testing.assert_array_equal(result.numpy(), gini(values, axis=(1, 2, 3)))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64, torch.int32])
def test_gini_of_other_tensors(dtype: torch.dtype) -> None:
    values = torch.tensor([0, 0, 0, 1, 1], dtype=dtype)
    assert float(gini(values)) == pytest.approx(0.6)
    assert float(gini(values.double().requires_grad_())) == pytest.approx(0.6)


def test_values_are_left_alone() -> None:
    values = np.array([3.0, -1.0, 2.0])
    tensor = torch.from_numpy(values.copy())
    gini(values)
    gini(tensor)
    assert values.tolist() == tensor.tolist() == [3.0, -1.0, 2.0]


@settings(max_examples=60, deadline=None)
@given(VALUES, st.randoms(use_true_random=False), st.floats(1e-6, 1e6))
def test_gini_properties(values: np.ndarray, random, scale: float) -> None:
    result = gini(values)
    assert result == pytest.approx(mean_difference_gini(values), abs=1e-9)
    assert -1e-12 <= result <= 1 - 1 / len(values) + 1e-12
    assert gini(values * scale) == pytest.approx(result, abs=1e-9)
    assert gini(random.sample(values.tolist(), len(values))) == result
    assert gini(-values) == result
    assert gini(np.concatenate([values, np.zeros(3)])) >= result - 1e-12


@pytest.mark.parametrize("scale", [1e-320, 1e-40, 1e308])
def test_gini_neither_overflows_nor_underflows(scale: float) -> None:
    assert gini(np.array([0, 0, 0, 1, 1]) * scale) == pytest.approx(0.6)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    maps = np.random.default_rng(0).normal(size=(9, 2, 4, 4)).astype(np.float32)
    whole = gini(maps, axis=(1, 2, 3)), regional(maps, 2), sparsity(maps, 0.5)
    monkeypatch.setattr(measures, "_BLOCK", 1)
    for before, after in zip(whole, (gini(maps, axis=(1, 2, 3)), regional(maps, 2), sparsity(maps, 0.5)), strict=True):
        np.testing.assert_array_equal(before, after)


def test_all_zero_maps() -> None:
    maps = np.zeros((3, 1, 2, 2))
    maps[1, 0, 0, 0] = 2
    with pytest.raises(InputError, match="2 of 3 populations are all zero"):
        gini(maps, axis=(1, 2, 3))
    assert gini(maps, axis=(1, 2, 3), zeros="nan").tolist() == pytest.approx([np.nan, 0.75, np.nan], nan_ok=True)
    with pytest.raises(InputError, match="all zero"):
        regional_gini(maps, 1)
    assert np.isnan(regional_gini(torch.from_numpy(maps), 1, zeros="nan").numpy()).tolist() == [True, False, True]


# Two channels, 2 × 4 pixels, region 2: two regions of 8 values each.
MAP = np.array([[[[1, -2, 5, 0], [0, 3, -1, -9]], [[1, 1, 0, 0], [-1, 1, 2, -1]]]], np.float32)


@pytest.mark.parametrize(
    ("importance", "sums", "expected"),
    [
        ("signed", (1 - 2 + 3 + 1 + 1 - 1 + 1, 5 - 1 - 9 + 2 - 1), 0.0),
        ("absolute", (10, 18), (3 - 2 * (2 * 10 + 18) / 28) / 2),
        ("positive", (7, 7), 0.0),
    ],
)
def test_regional_by_hand(importance: str, sums: tuple[int, int], expected: float) -> None:
    result = regional(MAP, 2, importance)
    assert result.dtype == np.float64 and result.tolist() == [[list(sums)]]
    assert regional_gini(MAP, 2, importance) == pytest.approx([expected], abs=1e-15)
    tensor = regional(torch.from_numpy(MAP), 2, importance)
    assert isinstance(tensor, torch.Tensor) and tensor.tolist() == result.tolist()


def test_regional_places() -> None:
    maps = np.arange(2 * 3 * 4 * 6, dtype=float).reshape(2, 3, 4, 6)
    result = regional(maps, 2)
    assert result.shape == (2, 2, 3)
    assert result[1, 1, 2] == maps[1, :, 2:4, 4:6].sum() and result[0, 0, 1] == maps[0, :, :2, 2:4].sum()


def test_regional_sums_do_not_depend_on_the_other_maps() -> None:
    maps = np.random.default_rng(0).normal(size=(33, 3, 32, 32)).astype(np.float32)
    np.testing.assert_array_equal(regional(maps, 4)[7:8], regional(maps[7:8], 4))
    np.testing.assert_array_equal(regional(maps, 4), regional(np.asfortranarray(maps), 4))


def test_sparsity() -> None:
    maps = np.array([[0, 0, 0, 1, 1], [0, -0.5, 0.5, 1, 2]])
    assert sparsity(maps).tolist() == [0.4, 0.8]  # PAPER §A.3
    assert sparsity(maps, 0.5).tolist() == [0.4, 0.4]
    assert sparsity(torch.from_numpy(maps)[:, None, None]).tolist() == [0.4, 0.8]


BAD = np.array([[1.0, np.nan]])
OK = np.ones((2, 3, 8, 8))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: gini(BAD), "NaN"),
        (lambda: gini(torch.tensor([1.0, torch.inf])), "infinity"),
        (lambda: gini(np.array([])), "shape"),
        (lambda: gini(np.zeros((0, 3))), "shape"),
        (lambda: gini(np.float64(3)), "shape"),
        (lambda: gini(OK, axis=4), "axis 4"),
        (lambda: gini(OK, axis=1.5), "axis 1.5"),  # type: ignore[arg-type]
        (lambda: gini(OK, axis=(1, 1)), "axis"),
        (lambda: gini(OK, zeros="ignore"), "unknown zeros"),
        (lambda: gini(np.array(["a"])), "real numbers"),
        (lambda: gini(np.array([1j])), "real numbers"),
        (lambda: gini([[1], [1, 2]]), "ragged"),
        (lambda: gini(torch.empty(3, device="meta")), "meta"),
        (lambda: regional(OK, 3), "expected a divisor"),
        (lambda: regional(OK[:, :, :6], 4), "6 × 8"),
        (lambda: regional(OK, 0), "region is 0"),
        (lambda: regional(OK, True), "region is True"),
        (lambda: regional(OK, 2.0), "region is 2.0"),  # type: ignore[arg-type]
        (lambda: regional(OK[0], 2), r"expected \(N, C, H, W\)"),
        (lambda: regional(OK * np.nan, 2), "NaN"),
        (lambda: regional(OK, 2, "signd"), "did you mean 'signed'"),
        (lambda: sparsity(np.ones(3)), r"expected \(N, …\)"),
        (lambda: sparsity(OK, -1), "tolerance is -1"),
        (lambda: sparsity(OK, np.nan), "tolerance is nan"),
        (lambda: sparsity(OK, "0"), "tolerance is '0'"),  # type: ignore[arg-type]
        (lambda: share(OK, 0), "top is 0"),
        (lambda: share(OK, 1.5), "top is 1.5"),
        (lambda: share(OK, np.nan), "top is nan"),
        (lambda: share(OK * np.inf, 0.5), "NaN or infinity"),
        (lambda: share(OK, 0.5, axis=4), "axis 4"),
    ],
)
def test_bad_input_is_refused(call, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()


@pytest.mark.parametrize(
    ("top", "expected"), [(0.01, 0.4), (0.2, 0.4), (0.21, 0.7), (0.5, 0.9), (1, 1.0), (0.6000000000000001, 0.9)]
)
def test_shares_by_hand(top: float, expected: float) -> None:
    values = np.array([-4, 3, 2, 1, 0])  # the number of values is rounded up
    assert share(values, top) == pytest.approx(expected)
    assert float(share(torch.from_numpy(values), top)) == pytest.approx(expected)


def test_share_axes_and_zeros() -> None:
    values = np.abs(np.random.default_rng(0).normal(size=(4, 3, 5)))
    expected = [np.sort(one.ravel())[-2:].sum() / one.sum() for one in values]
    np.testing.assert_allclose(share(values, 0.1, axis=(1, 2)), expected)
    assert np.isnan(share(np.zeros(3), 0.5))
    assert share(np.array([1e308, 1e308]), 0.5) == 0.5
    assert share(np.arange(1, 101), 0.07) == pytest.approx(sum(range(94, 101)) / 5050)


def test_the_table_of_all_measures() -> None:
    maps = np.zeros((2, 1, 4, 4), np.float32)
    maps[0, 0, 0, 0] = -3
    table = measure(maps, np.array([7, 9]), region=2, importance="signed", tolerance=0.0)
    assert list(table) == ["image", *MEASURES] and table["image"].tolist() == [7, 9]
    assert table.iloc[0, 1:].tolist() == pytest.approx([1 - 1 / 16, 1 - 1 / 4, 1 / 16, 1, 1, 1])
    assert table["sparsity"][1] == 0 and table.iloc[1].isna().sum() == 5


def test_numpy_needs_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torch")
    assert gini(np.array([0, 0, 0, 1, 1])) == pytest.approx(0.6)
    assert "torch" not in sys.modules


LARGE = """
import numpy as np
from ineq.inequality.measures import gini
print(gini(np.random.default_rng(0).standard_normal((4, 150_528), np.float32)).tobytes().hex())
"""


def test_the_threads_of_blas_change_no_bit_of_large_maps() -> None:
    """Snakemake tells BLAS how many threads a job has, DVC does not: both have to give the same bytes."""
    found = set()
    for threads in ("1", "2"):
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        done = subprocess.run(
            [sys.executable, "-c", LARGE], env=environment, capture_output=True, text=True, check=True
        )
        found.add(done.stdout)
    assert len(found) == 1
