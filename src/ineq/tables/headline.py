"""Which rows of the tables have the budgets that headlines are of. No torch, for the documentation reads it."""

from __future__ import annotations

import pandas as pd


def is_full(table: pd.DataFrame) -> pd.Series:
    """Which rows of a table of attacks have the study's largest occlusion budget."""
    return (table["count"] == table["count"].max()) & (table["radius"] == table["radius"].max())


def full_budget(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of `occlusion.csv` of the largest budget, any success."""
    return table[is_full(table) & (table["reading"] == "any")]


def headline_rows(table: pd.DataFrame, subpixels: int) -> pd.DataFrame:
    """The rows of `contrasts.csv` on the headline's number of noisy values and on the largest occlusion budget."""
    return table[is_full(table) | (table["subpixels"] == subpixels)]
