"""Generators keyed by (seed, purpose, …), for what is drawn once: samples, orders, training."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, purpose: str, *keys: int) -> np.random.Generator:
    """A generator of its own for this seed, purpose and keys; the same on every machine and in every process."""
    # One hash over all of them: unlike a sum or a list of words, it cannot mix up (1, 23) and (12, 3).
    key = repr((int(seed), str(purpose), *map(int, keys)))
    entropy = int.from_bytes(hashlib.sha256(key.encode()).digest(), "big")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))
