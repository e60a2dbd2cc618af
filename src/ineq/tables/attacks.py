"""Attacks of plug-ins: error rates, guided and at random, and their difference, paired by image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from ineq.attacks.names import WHERE
from ineq.tables.rows import Bootstrap, Row

COLUMNS = ["model", "method", "attack", "measure", "mean", "low", "high", "draws", "images"]


def attacks(results: Mapping[str, pd.DataFrame], bootstrap: Bootstrap) -> pd.DataFrame:
    """Four rows a model, method and attack: guided, random, least, and guided minus random; none without plug-ins."""
    rows = [{**_names(key), **row} for key, table in results.items() for row in _rows(table, bootstrap)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _names(key: str) -> Row:
    return dict(zip(("model", "method", "attack"), key.split("/"), strict=True))


def _rows(table: pd.DataFrame, bootstrap: Bootstrap) -> Iterator[Row]:
    judged = table[table["clean"] == table["label"]]
    wrong = (judged["prediction"] != judged["label"]).groupby([judged["where"], judged["image"]], sort=False)
    rates = {where: _of(wrong.mean(), where) for where in WHERE}
    draws = table.groupby("where")["draw"].nunique()
    guided, random, least = (rates[where] for where in WHERE)
    measures = {"guided": guided, "random": random, "least": least, "difference": guided - random}
    for measure, values in measures.items():
        mean, low, high = bootstrap(values)
        count = draws["random" if measure in ("random", "difference") else "important"]
        yield {"measure": measure, "mean": mean, "low": low, "high": high, "draws": count, "images": len(values)}


def _of(rates: pd.Series, where: str) -> np.ndarray:
    """Share of the draws that fool the model, image by image in the order of the file; none where none is judged."""
    return rates[where].to_numpy(float) if where in rates.index.levels[0] else np.empty(0)  # type: ignore[union-attr]
