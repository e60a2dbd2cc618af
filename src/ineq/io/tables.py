"""CSV tables: one observation a row, the same bytes for the same content."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from ineq.errors import InputError

NAMES = (
    *("model", "title", "family", "against", "source", "target", "class", "architecture", "layer"),
    *("method", "measure", "attack", "setting", "variant", "norm"),
)
"""Columns of names, which stay as they are written: a model may be called 08 or NA."""

# Newer ones read floats exactly by themselves, and will not know the option any more.
OLD = tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1)
EXACT: dict[str, Any] = {"float_precision": "round_trip"} if OLD else {}


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table without its index; floats in their shortest exact form."""
    table.to_csv(path, index=False, lineterminator="\n")


def read_table(path: Path, stage: str, columns: tuple[str, ...] = ()) -> pd.DataFrame:
    """Read a table that `stage` wrote. Raises `InputError` where it can't be read or a column is missing."""
    try:
        header = pd.read_csv(path, nrows=0).columns
        # In `models.csv` it is a model, in `verdict.csv` a number.
        names = {*NAMES, "reference"} if "title" in header else {*NAMES}
        empty = {column: [""] if column in names else ["nan", ""] for column in header}
        text = {column: str for column in header if column in names}
        table = pd.read_csv(path, keep_default_na=False, na_values=empty, dtype=text, **EXACT)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is not a readable table ({error}): rerun the stage '{stage}'") from None
    if missing := [column for column in columns if column not in table]:
        raise InputError(f"{path} has no column '{missing[0]}': rerun the stage '{stage}'")
    return table


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table's rows as dicts by column."""
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
