"""How unequal a map is: Gini index, regional Gini, top shares and sparsity; numpy or torch in, the same out.

Torch is never imported here. A tensor is computed with numpy (which sorts faster) and comes back as a float64 tensor
on its own device, so both kinds of input give the same numbers.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

from ineq.data.checks import as_numpy, check_int, is_tensor
from ineq.errors import InputError, refuse_unknown

# ASSUME(§3.1): a region's importance is the plain sum of its values; the authors' code sums the positive ones.
IMPORTANCES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "signed": lambda maps: maps,
    "absolute": np.abs,
    "positive": lambda maps: np.maximum(maps, 0),
}
ZEROS = ("raise", "nan")

_BLOCK = 2**17  # values held as float64 at a time: 1 MiB, near what a core has close by, whatever the number of maps


def gini(values: Any, axis: int | tuple[int, ...] = -1, *, zeros: str = "raise") -> Any:
    """Gini index of the absolute values along `axis` (several axes count as one population).

    The result has the other axes, float64, from 0 (all equal) to 1 − 1/n (one of n holds everything). Raises
    `InputError` for NaN or infinite values, and for values that are all zero unless ``zeros="nan"`` asks for NaN.
    """
    refuse_unknown("zeros", str(zeros), ZEROS)
    rows, lead = _populations(_array("values", values), axis)
    result = _blockwise(_gini_rows, rows).reshape(lead)
    if zeros == "raise" and np.isnan(result).any():
        raise InputError(f"{np.isnan(result).sum()} of {result.size} populations are all zero: their Gini is undefined")
    return _like(values, result)


def regional(maps: Any, region: int, importance: str = "signed") -> Any:
    """Sums a_r over blocks of C·region·region values, float64 (N, rows, cols), of maps (N, C, H, W).

    `importance` is "signed", "absolute" or "positive". `region`, in pixels, must divide H and W.
    """
    refuse_unknown("importance", str(importance), IMPORTANCES)
    array = _array("maps", maps)
    if array.ndim != 4 or not array.size:
        raise InputError(f"maps have shape {array.shape}, expected (N, C, H, W), none of them 0")
    height, width = array.shape[2:]
    if height % check_int("region", region, 1) or width % region:
        raise InputError(f"region is {region}, maps are {height} × {width} pixels, expected a divisor of both")

    def sums(part: np.ndarray) -> np.ndarray:
        _refuse_infinite(part)
        blocks = part.reshape(*part.shape[:2], height // region, region, width // region, region)
        # Each block in one contiguous run: numpy's order of summation then depends on nothing but the block.
        runs = np.ascontiguousarray(blocks.transpose(0, 2, 4, 1, 3, 5), dtype=np.float64)
        return IMPORTANCES[importance](runs).reshape(*runs.shape[:3], -1).sum(axis=-1)

    return _like(maps, _blockwise(sums, array))  # PAPER §3.1: A_f^r(x)


def regional_gini(maps: Any, region: int, importance: str = "signed", *, zeros: str = "raise") -> Any:
    """Gini index of the size of the regional sums, float64 (N,), of maps (N, C, H, W); see `regional` and `gini`."""
    return gini(regional(maps, region, importance), axis=(1, 2), zeros=zeros)


def sparsity(maps: Any, tolerance: float = 0.0) -> Any:
    """Share of each map's values whose size exceeds `tolerance`, float64 (N,), of maps (N, …)."""
    array = _array("maps", maps)
    if array.ndim < 2 or not array.size:
        raise InputError(f"maps have shape {array.shape}, expected (N, …), none of them 0")
    if not isinstance(tolerance, Real) or not 0 <= tolerance < np.inf:
        raise InputError(f"tolerance is {tolerance!r}, expected a finite number of at least 0")
    rows = array.reshape(len(array), -1)
    exceed = np.float64(tolerance)  # never rounded to the values' own type

    def shares(part: np.ndarray) -> np.ndarray:
        _refuse_infinite(part)
        return (np.abs(part) > exceed).mean(axis=1)  # PAPER §A.3

    return _like(maps, _blockwise(shares, rows))


def share(values: Any, top: float, axis: int | tuple[int, ...] = -1) -> Any:
    """Share of the sum of absolute values along `axis` that the largest hold: the `top` fraction, rounded up.

    The result has the other axes, float64, in (0, 1]; NaN where all values are zero.
    """
    if not isinstance(top, Real) or not 0 < top <= 1:
        raise InputError(f"top is {top!r}, expected a fraction above 0 and up to 1")
    rows, lead = _populations(_array("values", values), axis)
    # 0.07 · 100 is 7.000000000000001: what rounding adds must not count as one value more.
    count = math.ceil(round(float(top) * rows.shape[1], 9))
    return _like(values, _blockwise(lambda part: _top_share(part, count), rows).reshape(lead))


def _top_share(rows: np.ndarray, count: int) -> np.ndarray:
    """Share of the `count` largest of each row of (rows, n); NaN where a row is all zero."""
    ordered = _ascending(rows)
    return _quotient(ordered[:, -count:].sum(axis=1), ordered.sum(axis=1))


def _gini_rows(rows: np.ndarray) -> np.ndarray:
    """Gini of each row of (rows, n); NaN where a row is all zero."""
    ordered = _ascending(rows)
    n = ordered.shape[1]
    # PAPER §3.1: Gini(Φ) = (n + 1 − 2 Σ (n + 1 − i) φ_i / Σ φ_i) / n over ascending φ. PAPER §4.2: φ = |a|.
    # Not as a product of matrices: BLAS cuts a long one by its threads, whose number each engine sets otherwise.
    weighted = np.einsum("ij,j->i", ordered, np.arange(n, 0, -1, dtype=np.float64))
    return (n + 1 - 2 * _quotient(weighted, ordered.sum(axis=1))) / n


def _ascending(rows: np.ndarray) -> np.ndarray:
    """Sizes of the values of each row of (rows, n) up to a factor, ascending, float64: the measures have no scale."""
    # Sorted as they are, in place: float32 takes a fraction of the time.
    ordered = np.abs(rows)
    ordered.sort(axis=1)
    _refuse_infinite(ordered[:, -1])  # where infinity and NaN are now
    if ordered.dtype == np.float32:
        return ordered.astype(np.float64)  # whose sums can neither overflow nor underflow
    largest = ordered[:, -1:]
    return ordered / np.where(largest == 0, 1, largest)


def _quotient(part: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Their quotient; NaN for 0/0, which an all-zero row has."""
    with np.errstate(invalid="ignore"):
        return part / total


def _populations(array: np.ndarray, axis: int | tuple[int, ...]) -> tuple[np.ndarray, tuple[int, ...]]:
    """`array` with each population along `axis` as a row, and the shape of the other axes."""
    try:
        axes = tuple(np.atleast_1d(axis))
        last = np.moveaxis(array, axes, range(-len(axes), 0))
    except (TypeError, ValueError):
        axes, last = (), array
    if not array.size or not axes:
        raise InputError(f"values have shape {array.shape}, expected some along axis {axis}")
    lead = last.shape[: last.ndim - len(axes)]
    return last.reshape(int(np.prod(lead)), -1), lead


def _blockwise(function: Callable[[np.ndarray], np.ndarray], array: np.ndarray) -> np.ndarray:
    """`function` over parts of the first axis, float32 or float64, put together; it refuses what is not finite."""
    step = max(1, _BLOCK // (array.size // len(array)))
    results = []
    for start in range(0, len(array), step):
        part = array[start : start + step]
        results.append(function(part if part.dtype == np.float32 else part.astype(np.float64)))
    return np.concatenate(results)


def _refuse_infinite(values: np.ndarray) -> None:
    if not np.isfinite(values).all():
        raise InputError("the values hold NaN or infinity, expected finite ones")


def _array(name: str, values: Any) -> np.ndarray:
    """Real numbers as a numpy array; a tensor's own values where it can share them."""
    array = as_numpy(name, values)
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name} are {array.dtype}, expected real numbers")
    # Big-endian numbers are the same numbers, and take the same path.
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _like(values: Any, result: np.ndarray) -> Any:
    """`result` as a tensor on the device of `values` if that is one."""
    return sys.modules["torch"].as_tensor(result, device=values.device) if is_tensor(values) else result[()]
