"""Keyed draws: nothing but the key decides."""

import hashlib
import subprocess
import sys

import numpy as np

from ineq.data.draws import generator


def test_keys_are_not_run_together() -> None:
    keys = [(1, "p", 23), (12, "p", 3), (1, "p", 2, 3), (123, "p"), (1, "q", 23), (2, "p", 23)]
    assert len({generator(*key).integers(2**62) for key in keys}) == 6


def test_numpy_and_python_integers_are_the_same_key() -> None:
    assert generator(int(np.int64(1)), "p", *np.array([2])).random() == generator(1, "p", 2).random()


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
    generator(0, "p").random()
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # type: ignore[index]
