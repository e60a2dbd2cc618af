"""`outcome.h5`: the outcome of an attack as a file, checked when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ineq.attacks.outcome import Outcome
from ineq.errors import InputError
from ineq.io.hdf5 import read_hdf5, write_hdf5

# By the group of arrays: type, unit, and whether there is one for each setting.
ARRAYS = {
    "prediction": ("int16", "class", True),
    "covered": ("float32", "share of the values of an image", False),
    "unchanged": ("bool", "true where no value changes", True),
}
ABOUT = {
    "attack": str,
    "options": dict,
    "seed": int,
    "space": dict,
    "settings": list,
    "budgets": dict,
    "criteria": list,
}


def write_outcome(path: Path, outcome: Outcome, *, stage: str, parameters: Mapping[str, Any]) -> None:
    """Write an outcome."""
    datasets = {name: getattr(outcome, name) for name in ("clean", "labels", "indices")}
    units = {"clean": "class", "labels": "class", "indices": "position in the split"}
    for name, (_, unit, _) in ARRAYS.items():
        for where, values in getattr(outcome, name).items():
            datasets[f"{name}/{where}"], units[f"{name}/{where}"] = values, unit
    about = {name: getattr(outcome, name) for name in ABOUT}
    write_hdf5(path, datasets, stage=stage, parameters=parameters, units=units, attributes=about)


def read_outcome(path: Path, stage: str) -> Outcome:
    """Read and check what `write_outcome` wrote. Raises `InputError`, naming the file and the stage to rerun."""
    names: dict[str, tuple[str, int | None]] = {"clean": ("int16", 1), "labels": ("int64", 1), "indices": ("int64", 1)}
    names |= {f"{name}/": (kind, None) for name, (kind, _, _) in ARRAYS.items()}
    arrays, about = read_hdf5(path, stage=stage, datasets=names, attributes=ABOUT)
    groups: dict[str, Any] = {name: {} for name in ARRAYS}
    for name in [name for name in arrays if "/" in name]:
        group, where = name.split("/", 1)
        groups[group][where] = arrays.pop(name)
    outcome = Outcome(**{name: about[name] for name in ABOUT}, **arrays, **groups)
    _check(path, outcome, stage)
    return outcome


def _check(path: Path, outcome: Outcome, stage: str) -> None:
    """Every array as long as its axes say."""
    count = len(outcome.clean)
    grid = tuple(len(values) for values in outcome.budgets.values())
    for name in ("labels", "indices"):
        _same(path, name, getattr(outcome, name).shape, (count,), stage)
    for name, (_, _, by_setting) in ARRAYS.items():
        lead = (len(outcome.settings), *grid) if by_setting else grid
        for where, values in getattr(outcome, name).items():
            draws = values.shape[-2] if values.ndim > 1 else 0
            _same(path, f"{name}/{where}", values.shape, (*lead, draws, count), stage)


def _same(path: Path, name: str, shape: tuple[int, ...], expected: tuple[int, ...], stage: str) -> None:
    if shape != expected:
        raise InputError(f"{path}: '{name}' has shape {shape}, expected {expected}: rerun the stage '{stage}'")
