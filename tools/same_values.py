"""Whether two result folders of a study hold the same values under other names of files, columns and datasets.

    python tools/same_values.py OLD NEW    such as results/digits of two checkouts, in the environment of `make env`

`tools/earlier_names.yaml` maps the earlier names. Every value of each earlier table, HDF5 file and checkpoint has to
be the same in today's; only a mean may differ by the order in which it was summed. Ends with 1 where something differs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from ruamel.yaml import YAML

NAMES = Path(__file__).with_name("earlier_names.yaml")
CLOSE = 1e-9
"""How far a mean may be off by the order of its sum, relatively."""


def differences(old: Path, new: Path) -> Iterator[str]:
    """What differs, a line each; `old` and `new` are folders `results/<study>`."""
    names: Mapping[str, Any] = YAML(typ="safe").load(NAMES)
    tables, files = {entry["file"]: entry for entry in names["tables"]}, names["datasets"]
    for path in sorted(old.rglob("*")):
        file = str(path.relative_to(old))
        if path.suffix == ".csv" and file not in names["ended"]:
            yield from _table(path, new, file, tables.get(file, {}))
        elif path.suffix == ".h5":
            yield from _datasets(path, new, file, files)
        elif path.suffix == ".safetensors" and path.read_bytes() != (new / file).read_bytes():
            yield f"{file}: other bytes"


def _table(path: Path, new: Path, file: str, entry: Mapping[str, Any]) -> Iterator[str]:
    before = pd.read_csv(path).rename(columns=entry.get("columns", {})).assign(**entry.get("rows", {}))
    before = before.replace(entry.get("values", {})).drop(columns=entry.get("not", []))
    parts = [pd.read_csv(source) for source in sorted(new.glob(entry.get("now", file)))]
    parts = [part for part in parts if len(part)] or parts[:1]
    if not parts:
        yield f"{file}: nothing is there now"
        return
    now = pd.concat(parts)
    if missing := [column for column in before if column not in now]:
        yield f"{file}: no column {', '.join(missing)} now"
        return
    numbers = [column for column in before if before[column].dtype.kind == "f" and column not in AXES]
    keys = [column for column in before if column not in numbers]
    one, other = (table[[*before]].astype(dict.fromkeys(keys, str)) for table in (_whole(before), _whole(now)))
    for column, value in entry.get("rows", {}).items():
        other = other[other[column] == value]
    one, other = (table.sort_values(keys, kind="stable").reset_index(drop=True) for table in (one, other))
    if not one[keys].equals(other[keys]):
        yield f"{file}: other rows"
        return
    for column in numbers:
        if not np.allclose(one[column], other[column], rtol=CLOSE, atol=0, equal_nan=True):
            yield f"{file}: {column} differs"


AXES = ("subpixels", "count", "radius")


def _whole(table: pd.DataFrame) -> pd.DataFrame:
    """A column of whole numbers is one, also beside empty cells."""
    return table.astype({axis: "Int64" for axis in AXES if axis in table})


def _datasets(path: Path, new: Path, file: str, entries: list[Mapping[str, Any]]) -> Iterator[str]:
    """An earlier file may have become several."""
    there = [(entry, match) for entry in entries if (match := _pattern(entry["file"]).fullmatch(file))]
    if not there:
        with h5py.File(path) as before, h5py.File(new / file) as now:
            yield from (f"{file}: {name} differs" for name in _all(before) if not _same(before[name], now[name][()]))
    for entry, match in there:
        with h5py.File(path) as before, h5py.File(new / entry["now"].format(**match.groupdict())) as now:
            settings = YAML(typ="safe").load(now.attrs["attributes"])["settings"]
            for name, match in _matches(_all(before), entry["names"]):
                values = now[match[0].format(**match[1])][()]
                if "setting" in match[1]:
                    values = values[settings.index(match[1]["setting"])]
                if not _same(before[name], values):
                    yield f"{file}: {name} differs"


def _matches(datasets: list[str], names: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, dict[str, str]]]]:
    """Each dataset with the first of the names that fits it: what it is called now, and its parts."""
    for name in datasets:
        matches = ((now, match) for before, now in names.items() if (match := _pattern(before).fullmatch(name)))
        for now, match in list(matches)[:1]:
            yield name, (now, match.groupdict())


def _pattern(template: str) -> re.Pattern:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template)))


def _all(file: h5py.File) -> list[str]:
    names: list[str] = []
    file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    return names


def _same(before: Any, now: np.ndarray) -> bool:
    """Also where the images were before the budgets, and the draws in front."""
    values = before[()]
    if values.ndim >= 3 and values.shape != now.shape:
        # (draws, images, count, radius), or without draws.
        values = np.moveaxis(values if values.ndim == 4 else values[None], (0, 1), (-2, -1))
    return np.array_equal(values, now)


if __name__ == "__main__":
    different = list(differences(*map(Path, sys.argv[1:3])))
    print("\n".join(different) or "every value is the same")
    sys.exit(bool(different))
