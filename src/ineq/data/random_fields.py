"""Random fields by image: a value depends on seed, purpose, image index, draw and place alone.

Not on the batch, the order, the device or the kind of CPU. Integers are of the counter-based generator Philox4x64-10
(Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011); what is made of them takes only operations whose
rounding IEEE 754 fixes, in float64, one after another: logarithms and cosines of libraries differ between machines.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence

import numpy as np
import torch

Indices = Sequence[int] | np.ndarray
CPU = torch.device("cpu")
_BLOCK = 2**15
"""Words that a CPU makes normal numbers of at a time: its cache holds them."""
_LOW = 2**32 - 1
_MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
_WEYL = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
_SQRT_HALF = 0x3FE6A09E667F3BCD
"""The bits of √½ in float64."""
_MINUS_TWO_LN_2 = -1.3862943611198906
_LOGARITHM = [-4 / (2 * k + 1) for k in range(6)]
_COSINE = [(-1) ** k / math.factorial(2 * k) for k in range(8)]
_SINE = [(-1) ** k / math.factorial(2 * k + 1) for k in range(8)]
"""Coefficients of the series, as many as float32 needs."""


def normal_fields(
    seed: int, purpose: str, indices: Indices, shape: Sequence[int], draw: int = 0, device: torch.device = CPU
) -> torch.Tensor:
    """Standard normal fields on the device, float32 (N, *shape): one per image index, of at most 6.6 σ."""
    size = math.prod(shape)
    words = _words(seed, purpose, indices, draw, (size + 1) // 2, device)
    parts = words.flatten().split(_BLOCK if device.type == "cpu" else max(1, words.numel()))
    pairs = torch.cat([_normal_pairs(part) for part in parts])
    return pairs.view(len(words), 2 * words.shape[1])[:, :size].reshape(len(words), *shape)


def uniform_numbers(
    seed: int, purpose: str, indices: Indices, draw: int = 0, device: torch.device = CPU
) -> torch.Tensor:
    """Numbers in [0, 1) on the device, float32 (N,): one per image index."""
    words = _words(seed, purpose, indices, draw, 1, device)
    return (words[:, 0] >> 40 & 2**24 - 1).float() * 2.0**-24


def permutations(
    seed: int, purpose: str, indices: Indices, size: int, draw: int = 0, device: torch.device = CPU
) -> torch.Tensor:
    """Random orders of range(`size`) on the device, int64 (N, size): one per image index."""
    words = _words(seed, purpose, indices, draw, (size + 1) // 2, device)
    # Of two equal numbers of 32 bits the first place comes first: 3 pairs of the 150,528 places of an ImageNet image.
    # Row by row: a single row of integers torch sorts digit by digit, in a tenth of the time.
    return torch.stack([row.argsort(stable=True) for row in words.view(torch.int32)[:, :size]])


def philox(counter: Iterable[torch.Tensor], key: Iterable[int]) -> torch.Tensor:
    """Philox4x64-10 of counters, four int64 tensors, and a key, two words: int64 (…, 4), whose bits are unsigned."""
    (a, b, c, d), (first, second) = counter, key
    for _ in range(10):
        (high, low), (other_high, other_low) = _product(a, _MULTIPLIERS[0]), _product(c, _MULTIPLIERS[1])
        a, b, c, d = other_high ^ b ^ _signed(first), other_low, high ^ d ^ _signed(second), low
        first, second = first + _WEYL[0], second + _WEYL[1]
    return torch.stack(torch.broadcast_tensors(a, b, c, d), dim=-1)


def _words(seed: int, purpose: str, indices: Indices, draw: int, count: int, device: torch.device) -> torch.Tensor:
    """Words of 64 random bits, int64 (N, count)."""
    # One hash over both: unlike a sum or a list of words, it cannot mix up (1, "2 a") and (12, " a").
    digest = hashlib.sha256(repr((int(seed), str(purpose))).encode()).digest()
    key = [int.from_bytes(digest[start : start + 8], "big") for start in (0, 8)]
    if device.type == "cpu":  # numpy's own is four times as fast there
        rows = np.empty((len(indices), count), np.uint64)
        # As arrays: of numbers below and above 2⁶³ in one list numpy makes float64, which rounds them.
        unsigned = np.array(key, np.uint64)
        for row, index in zip(rows, indices, strict=True):
            counter = np.array([0, draw, index, 0], np.uint64)
            row[:] = np.random.Philox(key=unsigned, counter=counter).random_raw(count)
        return torch.from_numpy(rows.view(np.int64))
    # Blocks count from 1, as numpy's do. Words that all blocks or images share are computed once, and then spread.
    blocks = torch.arange(1, count // 4 + 2, device=device)
    images = torch.as_tensor(np.asarray(indices, np.int64), device=device)[:, None]
    zero = torch.zeros_like(images)
    return philox((blocks, zero + draw, images, zero), key).flatten(1)[:, :count]


def _product(values: torch.Tensor, factor: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The high and the low 64 of the 128 bits of a product of unsigned words: no tensor has more than 64."""
    low, high = values & _LOW, _high(values)
    middle = high * (factor & _LOW) + _high(low * (factor & _LOW))
    other = low * (factor >> 32) + (middle & _LOW)
    return high * (factor >> 32) + _high(middle) + _high(other), values * _signed(factor)


def _high(words: torch.Tensor) -> torch.Tensor:
    """The upper 32 bits, as a number from 0 on."""
    return words >> 32 & _LOW


def _signed(word: int) -> int:
    """The number below 2⁶³ with the same lower 64 bits: all that an int64 tensor takes."""
    return (word + 2**63) % 2**64 - 2**63


def _normal_pairs(words: torch.Tensor) -> torch.Tensor:
    """Two independent standard normal numbers, float32 (n, 2), of each word (n,), by Box and Muller's transform."""
    uniform = ((words & 2**31 - 1) + 1).double() * 2.0**-31
    radius = _minus_two_logarithms(uniform).sqrt() * (1 - (words >> 30 & 2))
    # Half a turn, −π/2 to π/2; the radius has the sign that makes it a whole one.
    angle = ((words >> 32).double() + 0.5) * (math.pi * 2.0**-32)
    square = angle * angle
    cosine, sine = _polynomial(square, _COSINE), _polynomial(square, _SINE) * angle
    return torch.stack([radius * cosine, radius * sine], dim=-1).float()


def _minus_two_logarithms(values: torch.Tensor) -> torch.Tensor:
    """−2 ln of values in (0, 1], float64."""
    # value = 2^exponent · m, m from √½ to √2; ln m = 2 (s + s³/3 + s⁵/5 + …) with s = (m − 1) / (m + 1).
    bits = values.view(torch.int64)
    exponent = (bits - _SQRT_HALF) >> 52
    m = (bits - (exponent << 52)).view(torch.float64)
    s = (m - 1) / (m + 1)
    return exponent * _MINUS_TWO_LN_2 + _polynomial(s * s, _LOGARITHM) * s


def _polynomial(x: torch.Tensor, coefficients: list[float]) -> torch.Tensor:
    """Σ coefficients[k] · x^k, by operations of their own: a multiplication fused with a sum would round otherwise."""
    total = x * coefficients[-1]
    for coefficient in coefficients[-2:0:-1]:
        total = total.add_(coefficient).mul_(x)
    return total.add_(coefficients[0])
