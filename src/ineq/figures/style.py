"""How every figure looks: one colour a model family everywhere, safe for colour-blind readers and in greyscale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex

WIDTH = 8.0  # inches; at DPI, twice the width at which a README shows it
DPI = 200
# Okabe–Ito's blue (and what follows it) for normal training; its orange to vermillion, darkening, as ε rises.
NORMAL = ("#0072B2", "#009E73", "#CC79A7", "#56B4E9")
RAMP = LinearSegmentedColormap.from_list("epsilon", ["#E69F00", "#D55E00", "#6E0B2E"])
ERROR, SIGNED = "cividis", "PuOr_r"  # of both maps and differences: orange above zero, purple below
GRID = "#DDDDDD"
MARKERS = "osD^vPX<>"
WHERE_LINES: dict[str, Any] = {"important": "-", "random": "--", "least": ":"}
WHERE_NAMES = {"important": "most important", "random": "random", "least": "least important"}

METHODS = {
    "integrated_gradients": "Integrated Gradients",
    "input_x_gradient": "Input×Gradient",
    "gradient_shap": "GradientSHAP",
    "smoothgrad": "SmoothGrad",
}

RC: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters on every machine
    "font.size": 9,
    "axes.titlesize": 9.5,
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
}


def use() -> None:
    """Set the look, and the backend that needs no display; nothing of the machine's own configuration stays."""
    matplotlib.use("Agg")
    matplotlib.rcdefaults()
    matplotlib.rcParams.update(RC)


def ordered(models: pd.DataFrame) -> pd.DataFrame:
    """The table of models with normal training first, then by ε; the study's order where both are equal."""
    return models.assign(_trained=models["norm"] != "none").sort_values(["_trained", "epsilon"], kind="stable")


def colors(models: pd.DataFrame) -> dict[str, str]:
    """Colour by model. Models that differ by their seed only share their family's."""
    table = ordered(models)
    normal = list(dict.fromkeys(table.loc[~table["_trained"], "family"]))
    trained = list(dict.fromkeys(table.loc[table["_trained"], "family"]))
    family = {name: NORMAL[i % len(NORMAL)] for i, name in enumerate(normal)}
    family |= {name: to_hex(RAMP(_place(i, len(trained)))) for i, name in enumerate(trained)}
    return {row.model: family[row.family] for row in table.itertuples()}  # type: ignore[attr-defined]


def _place(i: int, count: int) -> float:
    """A lone family gets the middle of the ramp."""
    return i / (count - 1) if count > 1 else 0.5


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
