"""All measures of a set of maps as one table, the same for a model's maps and for controls."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ineq.inequality.measures import gini, regional_gini, share, sparsity
from ineq.inequality.names import GINIS
from ineq.io.rows import Large, parts

SHARES = {"share_1": 0.01, "share_5": 0.05, "share_10": 0.1}
"""Fractions of a map's values, the largest, whose share of the whole is measured."""
MEASURES = (*GINIS, "sparsity", *SHARES)


def measure(maps: Large, indices: np.ndarray, *, region: int, importance: str, tolerance: float) -> pd.DataFrame:
    """One row a map of (N, C, H, W): `image` and `MEASURES`; all but sparsity are NaN for an all-zero map.

    Of maps in a file, only some are in memory at once.
    """
    tables = [_measure(part, region, importance, tolerance) for part in parts(maps)]
    table = pd.concat(tables, ignore_index=True)
    table.insert(0, "image", indices)
    return table


def _measure(maps: np.ndarray, region: int, importance: str, tolerance: float) -> pd.DataFrame:
    rows = maps.reshape(len(maps), -1)
    columns = {
        "gini_global": gini(rows, zeros="nan"),
        "gini_regional": regional_gini(maps, region, importance, zeros="nan"),
        "sparsity": sparsity(maps, tolerance),
        **{name: share(rows, top) for name, top in SHARES.items()},
    }
    return pd.DataFrame(columns)
