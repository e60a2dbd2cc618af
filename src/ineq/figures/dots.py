"""A table of the paper as a figure: a panel a measure and budget, a row a model, the paper's number beside ours."""

from __future__ import annotations

import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ineq.attacks.names import BUDGET
from ineq.figures import style

COLUMNS, HIGH = 3, 0.21
OURS, CONTROL, PAPER = "#1F4E8C", "#8A8A8A", "#C8501E"


def dots(table: pd.DataFrame) -> Figure:
    """Every number of `items.COLUMNS` with its interval, the random control's and the paper's where there is one."""
    if table.empty:
        return _nothing()
    classes = bool(table["class"].notna().any())
    methods = table["method"].nunique() > 1
    labels = table.apply(lambda row: _label(row, classes, methods), axis=1)
    panels = table.apply(lambda row: _panel_name(row, classes), axis=1)
    names = list(dict.fromkeys(panels))
    rows = [table[panels == name].assign(label=labels[panels == name]) for name in names]
    longest = max((len(part) for part in rows), default=1)
    lines = -(-max(len(names), 1) // COLUMNS)
    size = (style.WIDTH, lines * (0.9 + HIGH * max(longest, 2)) + 0.5)
    figure, grid = pyplot.subplots(lines, COLUMNS, figsize=size, squeeze=False)
    for axes, name, part in zip(grid.flat, names, rows, strict=False):
        _panel(axes, name, part)
    for line in grid:
        named = [[text.get_text() for text in axes.get_yticklabels()] for axes in line]
        for axes, texts in zip(line[1:], named[1:], strict=True):
            axes.tick_params(labelleft=texts != named[0])
    for axes in list(grid.flat)[len(names) :]:
        axes.set_axis_off()
    _legend(figure, table)
    return figure


def _nothing() -> Figure:
    figure, axes = pyplot.subplots(figsize=(style.WIDTH, 1))
    axes.set_axis_off()
    axes.text(0.5, 0.5, "not here: the study has no such models or attacks", ha="center", va="center")
    return figure


def _label(row: pd.Series, classes: bool, methods: bool) -> str:
    """The class, or the model with the one it was attacked on; what is of no model has its setting."""
    if classes or not _present(row["model"]):
        return str(row["class"] if classes else row["setting"])
    name = " → ".join(str(row[key]) for key in ("source", "model") if _present(row[key]))
    return f"{name}, {style.method_title(row['method'])}" if methods and _present(row["method"]) else name


def _panel_name(row: pd.Series, classes: bool) -> str:
    """Measure or attack with its budget, and whatever else a row's label does not say."""
    words = [row["attack"] if _present(row["attack"]) else row["measure"].replace("_", " ")]
    if row["measure"].endswith("of_successes"):
        words = ["fooled source:", *words]
    words += [str(row["setting"])] if _present(row["setting"]) and _present(row["model"]) else []
    words += [" × ".join(f"{row[name]:g}" for name in BUDGET if _present(row[name]))]
    return " ".join(filter(None, [row["model"] if classes else "", *words]))


def _present(cell: object) -> bool:
    return not pd.isna(cell) and cell != ""  # type: ignore[call-overload]


def _panel(axes: Axes, name: str, part: pd.DataFrame) -> None:
    places = range(len(part))
    values = {key: part[key].to_numpy(float) for key in ("here", "low", "high", "random", "paper")}
    axes.hlines(places, values["low"], values["high"], color=OURS, linewidth=1.6)
    axes.plot(values["random"], places, "o", color=CONTROL, markersize=4, fillstyle="none")
    axes.plot(values["paper"], places, "D", color=PAPER, markersize=4.5)
    axes.plot(values["here"], places, "o", color=OURS, markersize=4.5)
    axes.set_yticks(places, list(part["label"]), fontsize=7.5)
    axes.set_ylim(len(part) - 0.4, -0.6)
    axes.margins(x=0.08)
    axes.set_title(name, fontsize=8)
    axes.tick_params(axis="x", labelsize=7.5)
    # The axes have no labels: with a place given, none is looked for between all ticks at every drawing.
    axes.xaxis.set_label_coords(0.5, 0)
    axes.yaxis.set_label_coords(0, 0.5)


def _legend(figure: Figure, table: pd.DataFrame) -> None:
    shown = {"here, 95 % interval": (OURS, "o", "full")}
    if table["random"].notna().any():
        shown["random control"] = (CONTROL, "o", "none")
    if table["paper"].notna().any():
        shown["paper"] = (PAPER, "D", "full")
    handles = [
        pyplot.Line2D([], [], color=color, marker=marker, fillstyle=fill, linestyle="", label=label)  # type: ignore[attr-defined]
        for label, (color, marker, fill) in shown.items()
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=len(handles), fontsize=8)
