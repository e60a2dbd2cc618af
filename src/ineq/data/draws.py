"""Random numbers keyed by (seed, purpose, image index, draw), so that batch, order and worker never matter."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np


def generator(seed: int, purpose: str, *keys: int) -> np.random.Generator:
    """A generator of its own for this seed, purpose and keys; the same on every machine and in every process."""
    # One hash over all of them: unlike a sum or a list of words, it cannot mix up (1, 23) and (12, 3).
    key = repr((int(seed), str(purpose), *map(int, keys)))
    entropy = int.from_bytes(hashlib.sha256(key.encode()).digest(), "big")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))


def normal_fields(
    seed: int, purpose: str, indices: Sequence[int] | np.ndarray, shape: Sequence[int], draw: int = 0
) -> np.ndarray:
    """Standard normal fields, float32 (N, *shape): one per image index."""
    fields = np.empty((len(indices), *shape), dtype=np.float32)
    for field, index in zip(fields, indices, strict=True):
        generator(seed, purpose, index, draw).standard_normal(dtype=np.float32, out=field)
    return fields


def uniform_numbers(seed: int, purpose: str, indices: Sequence[int] | np.ndarray, draw: int = 0) -> np.ndarray:
    """Numbers in [0, 1), float32 (N,): one per image index."""
    numbers = [generator(seed, purpose, index, draw).random(dtype=np.float32) for index in indices]
    return np.array(numbers, dtype=np.float32)


def permutations(seed: int, purpose: str, indices: Sequence[int] | np.ndarray, size: int, draw: int = 0) -> np.ndarray:
    """Random orders of range(size), int64 (N, size): one per image index."""
    orders = np.empty((len(indices), size), dtype=np.int64)
    for order, index in zip(orders, indices, strict=True):
        order[:] = generator(seed, purpose, index, draw).permutation(size)
    return orders
