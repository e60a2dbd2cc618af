"""How every figure looks: one colour a model family everywhere, safe for colour-blind readers and in greyscale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex

from ineq.attribution.names import METHODS

WIDTH = 8.0  # inches; at DPI, twice the width at which a README shows it
DPI = 200
# Okabe–Ito's blue for normal training, its orange to vermillion, darkening, as ε rises; for others what follows.
NORMAL = ("#0072B2", "#009E73", "#CC79A7", "#56B4E9", "#777777", "#B8A000", "#5E4FA2")
RAMP = LinearSegmentedColormap.from_list("epsilon", ["#E69F00", "#D55E00", "#6E0B2E"])
ERROR, SIGNED = "cividis", "PuOr_r"  # of both maps and differences: orange above zero, purple below
GRID = "#DDDDDD"
MARKERS = "osD^vPX<>"
WHERE_LINES: dict[str, Any] = {"important": "-", "random": "--", "least": ":"}

RC: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters on every machine
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titley": 1.0,  # where it would be anyway, as nothing has ticks above: not looked for at every drawing
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#555555",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.7,
    "lines.markersize": 5,
    "figure.dpi": DPI,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "svg.fonttype": "path",
    "text.parse_math": False,  # a class may be called $x$
}


def use() -> None:
    """Set the look, and the backend that needs no display; nothing of the machine's own configuration stays."""
    matplotlib.use("Agg")
    matplotlib.rcdefaults()
    matplotlib.rcParams.update(RC)


def ordered(models: pd.DataFrame) -> pd.DataFrame:
    """The table of models with normal training first, then by ε; those outside this series come last."""
    table = models.assign(_outside=~models["series"], _trained=models["norm"] != "none")
    table["_order"] = table["epsilon"].where(table["series"], 0.0)
    return table.sort_values(["_outside", "_order"], kind="stable")


def colors(models: pd.DataFrame) -> dict[str, str]:
    """Colour by model. Models that differ by their seed only share their family's."""
    table = ordered(models)
    normal = list(dict.fromkeys(table.loc[table["series"] & ~table["_trained"], "family"]))
    trained = list(dict.fromkeys(table.loc[table["series"] & table["_trained"], "family"]))
    outside = list(dict.fromkeys(table.loc[~table["series"], "family"]))
    family = {name: NORMAL[i % len(NORMAL)] for i, name in enumerate([*normal, *outside])}
    family |= {name: to_hex(RAMP(_place(i, len(trained)))) for i, name in enumerate(trained)}
    return {row.model: family[row.family] for row in table.itertuples()}  # type: ignore[attr-defined]


def _place(i: int, count: int) -> float:
    """A lone family gets the middle of the ramp."""
    return i / (count - 1) if count > 1 else 0.5


def budget(epsilon: float, all_budgets: Sequence[float]) -> str:
    """ε as a study gives it: 8/255 where all its budgets are in steps of an 8-bit image."""
    in_steps = all(abs(value * 255 - round(value * 255)) < 1e-6 for value in all_budgets)
    return f"{round(epsilon * 255)}/255" if in_steps and epsilon else f"{epsilon:.3g}"


def method_title(method: str) -> str:
    """A method's name for people."""
    return METHODS.get(method, method.replace("_", " "))


def bare(axes: Axes) -> None:
    """A picture: no ticks, no grid, a thin frame."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set(visible=True, color=GRID)


def ticks_at(axis: Any, values: Sequence[float]) -> None:
    """Ticks at just these values, written as they are."""
    axis.set_ticks(list(values), [f"{value:.3g}" for value in values])
    axis.set_ticks([], minor=True)
