"""What an audit in memory found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ineq.data.sample import Sample
from ineq.inequality.names import GINIS
from ineq.io.tables import records
from ineq.statistics.intervals import share_interval


@dataclass(frozen=True, repr=False)
class Audit:
    """An audit of the model `name` by maps of `method`; the stages' tables by name, as in docs/artefacts.md.

    `sample` are the evaluated images, `maps` those of each model, float32 (N, C, H, W), `mean` and `std` the normalised
    space that baselines and noise are drawn in, in pixel units. `notes` are sentences on what a reader should know.
    """

    name: str
    method: str
    tables: Mapping[str, pd.DataFrame]
    sample: Sample
    maps: Mapping[str, np.ndarray]
    mean: Sequence[float]
    std: Sequence[float]
    notes: Sequence[str]

    def summary(self) -> pd.DataFrame:
        """One row a number of the model, with its 95 % interval over `images`, and what it is to be read against.

        `measure` is "accuracy" (on all images); "gini_global" and "gini_regional", beside which `untrained` is the same
        of an untrained network and `input` of the images alone; "error_rate" under an attack of the most important
        places, beside which `random` is that at random places; and "gain", the difference of these two.
        """
        verdict = self.tables["verdict"]
        about = [str(column) for column in verdict]
        about = ["measure", *about[about.index("attack") : about.index("value")]]
        table = verdict[verdict["model"] == self.name].drop_duplicates(about)
        table = pd.concat([self._accuracy(), table])[[*about, "value", "low", "high", "images"]].reset_index(drop=True)
        for control in ("untrained", "input"):
            table[control] = [self._control(control, measure) for measure in table["measure"]]
        # The gain, a row below the error rate, is what random places leave of it.
        table["random"] = (table["value"] - table["value"].shift(-1)).where(table["measure"] == "error_rate")
        return table

    def _accuracy(self) -> pd.DataFrame:
        (row,) = records(self.tables["models"].query("model == @self.name"))
        images = int(row["images"])
        accuracy, low, high = share_interval(round(row["accuracy"] * images), images)
        return pd.DataFrame([{"measure": "accuracy", "value": accuracy, "low": low, "high": high, "images": images}])

    def _control(self, control: str, measure: str) -> float:
        table = self.tables["controls"]
        means = table.loc[(table["control"] == control) & (table["measure"] == measure), "mean"]
        return float(means.iloc[0]) if measure in GINIS and len(means) else np.nan

    def __str__(self) -> str:
        return "\n".join([self.summary().to_string(index=False, na_rep="", float_format="{:.3f}".format), *self.notes])

    def __repr__(self) -> str:
        return f"<Audit of {self.name} by {self.method} on {len(self.sample.labels)} images>"
