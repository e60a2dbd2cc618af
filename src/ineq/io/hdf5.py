"""HDF5 files that carry their stage, parameters, units and a checksum of their content, and are checked when read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ineq.errors import InputError
from ineq.io.text import canonical_json


def content_checksum(datasets: Mapping[str, np.ndarray]) -> str:
    """SHA-256 over names, dtypes, shapes and bytes, in the order of the names."""
    sha = hashlib.sha256()
    for name in sorted(datasets):
        values = np.ascontiguousarray(datasets[name])
        sha.update(canonical_json([name, values.dtype.str, list(values.shape)]).encode())
        sha.update(values.tobytes())
    return sha.hexdigest()


def write_hdf5(
    path: Path,
    datasets: Mapping[str, np.ndarray],
    *,
    stage: str,
    parameters: Mapping[str, Any],
    units: Mapping[str, str],
    attributes: Mapping[str, Any] | None = None,
) -> None:
    """Write arrays (names may hold a slash) so that the same content is the same bytes.

    `units` says for every dataset what its values are; `attributes` is further JSON-able information.
    """
    if set(units) != set(datasets):
        raise KeyError(f"units are given for {sorted(units)}, datasets are {sorted(datasets)}")
    with h5py.File(path, "w") as file:
        for name in sorted(datasets):
            values = np.ascontiguousarray(datasets[name])
            # Scalars and empty arrays cannot be chunked, and so not compressed.
            filters = {"compression": "gzip", "compression_opts": 4, "shuffle": True, "fletcher32": True}
            file.create_dataset(
                name, data=values, track_times=False, **(filters if values.size and values.ndim else {})
            )
        file.attrs["stage"] = stage
        file.attrs["parameters"] = canonical_json(dict(parameters))
        file.attrs["units"] = canonical_json(dict(units))
        file.attrs["attributes"] = canonical_json(dict(attributes or {}))
        file.attrs["sha256"] = content_checksum(datasets)


def read_hdf5(path: Path, *, stage: str, datasets: Mapping[str, tuple[str, int]]) -> tuple[dict[str, np.ndarray], Any]:
    """Read the wanted datasets of a file that `stage` wrote, and its `attributes`.

    `datasets` maps each name to (dtype, number of dimensions), for instance ``{"maps": ("float32", 4)}``; a name that
    ends in ``/`` stands for every dataset below it. Raises `InputError`, naming the file and the stage to rerun, when
    the file is missing, truncated, foreign, of another stage, not finite, or its checksum does not fit.
    """
    path = Path(path)
    rerun = f"rerun the stage '{stage}'"
    if not path.exists():
        raise InputError(f"{path} is missing: {rerun}")
    try:
        with h5py.File(path, "r") as file:
            found: dict[str, np.ndarray] = {}
            file.visititems(
                lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None
            )
            marks = {key: str(file.attrs.get(key, "")) for key in ("stage", "attributes", "sha256")}
    except (OSError, RuntimeError, KeyError) as error:
        raise InputError(f"{path} is not a readable HDF5 file ({str(error).splitlines()[0]}): {rerun}") from None
    if marks["stage"] != stage:
        raise InputError(f"{path} was written by stage '{marks['stage'] or 'unknown'}', wanted '{stage}': {rerun}")
    if content_checksum(found) != marks["sha256"]:
        raise InputError(f"{path} does not fit its own checksum: {rerun}")
    return _checked(path, found, datasets, rerun), json.loads(marks["attributes"])


def _checked(path: Path, found: dict[str, np.ndarray], wanted: Mapping[str, tuple[str, int]], rerun: str) -> dict:
    """The wanted datasets, their dtypes, dimensions and finiteness checked."""
    chosen: dict[str, np.ndarray] = {}
    for name, (dtype, ndim) in wanted.items():
        names = [key for key in found if key == name or (name.endswith("/") and key.startswith(name))]
        if not names:
            raise InputError(f"{path} has no dataset '{name}': {rerun}")
        for key in names:
            values = found[key]
            if values.dtype != np.dtype(dtype) or values.ndim != ndim:
                given = f"{values.dtype} with {values.ndim} dimensions"
                raise InputError(f"{path}: '{key}' is {given}, wanted {dtype} with {ndim}: {rerun}")
            if values.dtype.kind == "f" and not np.isfinite(values).all():
                raise InputError(f"{path}: '{key}' holds values that are not finite: {rerun}")
            chosen[key] = values
    return chosen
