"""Keyed draws: nothing but the key decides."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from ineq.data.draws import generator, normal_fields, permutations, uniform_numbers

SHAPE = (2, 3, 4)


def test_a_field_depends_on_its_key_alone() -> None:
    whole = normal_fields(3, "noise-field", range(10), SHAPE)
    assert whole.dtype == np.float32 and whole.shape == (10, *SHAPE)
    np.testing.assert_array_equal(normal_fields(3, "noise-field", [7, 2], SHAPE), whole[[7, 2]])
    np.testing.assert_array_equal(normal_fields(3, "noise-field", np.array([9]), SHAPE), whole[9:])


@pytest.mark.parametrize("other", [(4, "p", 0, 0), (3, "q", 0, 0), (3, "p", 1, 0), (3, "p", 0, 1)])
def test_every_part_of_the_key_counts(other: tuple[int, str, int, int]) -> None:
    seed, purpose, index, draw = other
    field = normal_fields(seed, purpose, [index], SHAPE, draw)
    order = permutations(seed, purpose, [index], 50, draw)
    assert not np.array_equal(field, normal_fields(3, "p", [0], SHAPE))
    assert not np.array_equal(order, permutations(3, "p", [0], 50))


def test_keys_are_not_run_together() -> None:
    draws = {generator(*key).integers(2**62) for key in [(1, "p", 23), (12, "p", 3), (1, "p", 2, 3), (123, "p")]}
    assert len(draws) == 4


def test_numpy_and_python_integers_are_the_same_key() -> None:
    assert generator(int(np.int64(1)), "p", *np.array([2])).random() == generator(1, "p", 2).random()


def test_permutations_are_orders() -> None:
    orders = permutations(0, "noise-subpixels", range(20), 12)
    assert orders.dtype == np.int64
    np.testing.assert_array_equal(np.sort(orders, axis=1), np.tile(np.arange(12), (20, 1)))
    np.testing.assert_array_equal(permutations(0, "noise-subpixels", [5], 12), orders[[5]])


def test_uniform_numbers_are_keyed_by_image() -> None:
    numbers = uniform_numbers(0, "p", range(2000))
    assert numbers.dtype == np.float32 and numbers.min() >= 0 and numbers.max() < 1
    assert numbers.mean() == pytest.approx(0.5, abs=0.03)
    np.testing.assert_array_equal(uniform_numbers(0, "p", [1999, 3]), numbers[[1999, 3]])
    assert (uniform_numbers(0, "p", range(9), 1) != numbers[:9]).all()


def test_fields_are_standard_normal_and_unrelated() -> None:
    fields = normal_fields(0, "p", range(200), (500,)).astype(np.float64)
    moments = [(fields**power).mean() for power in (1, 2, 3, 4)]
    assert moments == pytest.approx([0, 1, 0, 3], abs=0.1)
    assert abs(np.corrcoef(fields[:-1].ravel(), fields[1:].ravel())[0, 1]) < 0.02


def test_another_process_draws_the_same() -> None:
    code = "from ineq.data.draws import generator; print(generator(1, 'p', 2).random())"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(out.stdout) == generator(1, "p", 2).random()


def test_the_key_is_the_documented_hash() -> None:
    entropy = int.from_bytes(hashlib.sha256(b"(1, 'p', 2)").digest(), "big")
    assert generator(1, "p", 2).random() == np.random.Generator(np.random.PCG64(entropy)).random()


def test_global_generator_is_left_alone() -> None:
    np.random.seed(0)
    before = np.random.get_state()[1].copy()  # type: ignore[index,union-attr]
    normal_fields(0, "p", range(3), SHAPE)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # type: ignore[index]
