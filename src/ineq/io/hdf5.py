"""HDF5 files that carry their stage, parameters and units, get a checksum when written, and are checked when read."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ineq.errors import InputError, first_line
from ineq.extras import extra
from ineq.io.checksum import BLOCK, checksum_error, write_checksum
from ineq.io.rows import Large, Made, Rows, parts
from ineq.io.text import canonical_json

with extra("workflow", "an HDF5 file"):
    import h5py

DENSEST = 2048
"""Bytes that a stored byte stands for: gzip makes a thousand of it at most."""
BIG_ROW = 2**18
"""Bytes of a row from which on each row is compressed by itself: whoever reads one must not unpack hundreds."""


def _parts(values: Large | Made) -> Iterable[np.ndarray]:
    """All rows in order; a scalar is one part."""
    if isinstance(values, Made):
        return values.parts
    return parts(values) if values.shape else [np.asarray(values)]


def write_hdf5(
    path: Path,
    datasets: Mapping[str, np.ndarray | Made],
    *,
    stage: str,
    parameters: Mapping[str, Any],
    units: Mapping[str, str],
    attributes: Mapping[str, Any] | None = None,
    uncompressed: Collection[str] = (),
) -> None:
    """Write arrays (names may hold a slash) so that the same content is the same bytes; `Made` ones part by part.

    `units` says for every dataset what its values are; `attributes` is further JSON-able information. All are
    compressed but those named in `uncompressed`.
    """
    if set(units) != set(datasets):
        raise KeyError(f"units are given for {sorted(units)}, datasets are {sorted(datasets)}")
    with h5py.File(path, "w", userblock_size=BLOCK) as file:
        for name in sorted(datasets):
            _write(file, name, datasets[name], name not in uncompressed)
        file.attrs["stage"] = stage
        file.attrs["parameters"] = canonical_json(dict(parameters))
        file.attrs["units"] = canonical_json(dict(units))
        file.attrs["attributes"] = canonical_json(dict(attributes or {}))
    write_checksum(path)


def _write(file: h5py.File, name: str, values: np.ndarray | Made, compressed: bool) -> None:
    # Scalars and empty arrays cannot be chunked, and so not compressed.
    chunked = compressed and bool(values.shape) and 0 not in values.shape
    filters = {"compression": "gzip", "compression_opts": 4, "shuffle": True} if chunked else {}
    if chunked and int(np.prod(values.shape[1:])) * values.dtype.itemsize >= BIG_ROW:
        filters["chunks"] = (1, *values.shape[1:])
    dataset = file.create_dataset(name, shape=values.shape, dtype=values.dtype, track_times=False, **filters)
    done = 0
    for part in _parts(values):
        if values.shape:
            dataset[done : done + len(part)] = part
            done += len(part)
        else:
            dataset[()] = part
    if values.shape and done != values.shape[0]:
        raise ValueError(f"{name}: {done} rows were made, announced were {values.shape[0]}")


def read_hdf5(
    path: Path,
    *,
    stage: str,
    datasets: Mapping[str, tuple[str, int | None]],
    large: Collection[str] = (),
    attributes: Mapping[str, type] | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read the wanted datasets of a file that `stage` wrote, and its `attributes`.

    `datasets` maps each name to (dtype, number of dimensions), for instance ``{"maps": ("float32", 4)}``, or with None
    for any number; a name that ends in ``/`` stands for every dataset below it. Those named in `large` are checked like
    the others, but come as `Rows`, which are read when they are used. `attributes` maps those that are needed to their
    type. Raises `InputError`, naming the file and the stage to rerun, when the file is missing, truncated, foreign, of
    another stage, not finite, or its checksum does not fit.
    """
    path = Path(path)
    rerun = f"rerun the stage '{stage}'"
    if not path.exists():
        raise InputError(f"{path} is missing: {rerun}")
    if wrong := checksum_error(path):
        raise InputError(f"{path} {wrong}: {rerun}")
    try:
        arrays, marks = _taken(path, large)
    # What is broken breaks h5py in any way: OSError, RuntimeError, KeyError, TypeError, ValueError, MemoryError.
    except Exception as error:
        raise InputError(f"{path} is not a readable HDF5 file ({first_line(error)}): {rerun}") from None
    if marks["stage"] != stage:
        raise InputError(f"{path} was written by stage '{marks['stage'] or 'unknown'}', expected '{stage}': {rerun}")
    try:
        infinite = _infinite(arrays)
    except Exception as error:
        raise InputError(f"{path} is not a readable HDF5 file ({first_line(error)}): {rerun}") from None
    return _checked(path, arrays, infinite, datasets, rerun), _described(path, marks["attributes"], attributes, rerun)


def _taken(path: Path, large: Collection[str]) -> tuple[dict[str, Large], dict[str, str]]:
    """Every dataset by its name, and the attributes that say what the file is."""
    arrays: dict[str, Large] = {}

    def take(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            _refuse_bomb(item)
            rows = Rows(path, name, item.shape, item.dtype)
            arrays[name] = rows if name in large and item.shape else item[()]

    with h5py.File(path, "r") as file:
        file.visititems(take)
        return arrays, {key: str(file.attrs.get(key, "")) for key in ("stage", "attributes")}


def _refuse_bomb(item: h5py.Dataset) -> None:
    """Refuse a few bytes that say they are a terabyte: what is stored is at most a thousandth of what it stands for."""
    if item.shape is None:
        raise ValueError(f"'{item.name}' is empty")
    if item.size * item.dtype.itemsize > DENSEST * item.id.get_storage_size() + BIG_ROW:
        raise ValueError(f"'{item.name}' says that it holds {item.size * item.dtype.itemsize:,} bytes")


def _infinite(datasets: Mapping[str, Large]) -> set[str]:
    """Names of datasets with values that are not finite."""
    floats = {name: values for name, values in datasets.items() if values.dtype.kind == "f"}
    return {name for name, values in floats.items() if not all(np.isfinite(part).all() for part in _parts(values))}


def _described(path: Path, text: str, types: Mapping[str, type] | None, rerun: str) -> dict[str, Any]:
    """The attributes, those that are wanted of the type that is."""
    try:
        attributes = json.loads(text)
    except (ValueError, RecursionError):
        attributes = None
    if not isinstance(attributes, dict):
        raise InputError(f"{path} has no readable attributes: {rerun}")
    for name, kind in (types or {}).items():
        if type(attributes.get(name)) is not kind:
            actual = type(attributes[name]).__name__ if name in attributes else "not there"
            raise InputError(f"{path}: its attribute '{name}' is {actual}, expected {kind.__name__}: {rerun}")
    return attributes


def refuse_lengths(path: Path, stage: str, arrays: Mapping[str, Large]) -> None:
    """Raise `InputError` unless all arrays have as many rows."""
    if len({values.shape[0] for values in arrays.values()}) > 1:
        lengths = ", ".join(f"{len(values)} of '{name}'" for name, values in arrays.items())
        raise InputError(f"{path} has {lengths}, expected as many of each: rerun the stage '{stage}'")


def _checked(
    path: Path, arrays: dict[str, Large], infinite: set[str], datasets: Mapping[str, tuple[str, int | None]], rerun: str
) -> dict:
    """The wanted datasets, their dtypes, dimensions and finiteness checked."""
    checked: dict[str, Large] = {}
    for name, (dtype, ndim) in datasets.items():
        names = [key for key in arrays if key == name or (name.endswith("/") and key.startswith(name))]
        if not names:
            raise InputError(f"{path} has no dataset '{name}': {rerun}")
        for key in names:
            values = arrays[key]
            if values.dtype != np.dtype(dtype) or ndim not in (None, len(values.shape)):
                actual = f"{values.dtype} with {len(values.shape)} dimensions"
                expected = dtype if ndim is None else f"{dtype} with {ndim}"
                raise InputError(f"{path}: '{key}' is {actual}, expected {expected}: {rerun}")
            if key in infinite:
                raise InputError(f"{path}: '{key}' holds values that are not finite: {rerun}")
            checked[key] = values
    return checked
