"""Figures of numbers: Gini index against ε, error under noise, Lorenz curves, Gini against fragility."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ineq.attacks.names import WHERE_NAMES
from ineq.figures import style
from ineq.figures.measures import bins, fragility, lorenz
from ineq.figures.read import FigureData

SCALES = {"gini_global": "global: single values", "gini_regional": "regional: sums over regions"}
CONTROL_LINES: dict[str, tuple[Any, ...]] = {"untrained": ("-.", "--", (0, (6, 2, 1, 2, 1, 2))), "input": (":",)}
"""Of each control, the lines of its networks in turn."""
POINTS = 4097
"""Points of a Lorenz curve that are drawn at most."""
KINDS = {"additive": "Type I: noise added", "replace": "Type II: replaced by noise"}


def gini(study: FigureData) -> Figure:
    """Gini index against ε, a point a model; models outside the series beside it; the controls as lines."""
    places = _places(study)
    figure, panels = pyplot.subplots(1, 2, figsize=(style.WIDTH, 3.6), sharex=True, sharey=True)
    for axes, (measure, title) in zip(panels, SCALES.items(), strict=True):
        table = study.tables["gini"].query("measure == @measure").merge(study.tables["models"], on="model")
        _gini_methods(axes, table.assign(place=table["model"].map(places)), study)
        _control_lines(axes, measure, study)
        axes.set(title=title, xlabel="ε of training (pixel value in [0, 1])")
        _place_ticks(axes, places, study)
    panels[0].set_ylabel("Gini index of |attribution|")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


def _places(study: FigureData) -> dict[str, float]:
    """Where a model stands on the axis: at its ε, and right of the largest one if it is not of the series."""
    table = style.ordered(study.tables["models"])
    inside, outside = table[table["series"]], table.loc[~table["series"], "model"]
    largest = max(map(float, inside["epsilon"]), default=0.0) or 1.0
    places = dict(zip(inside["model"], map(float, inside["epsilon"]), strict=True))
    return places | {name: largest * (1.0 + 0.15 * i) for i, name in enumerate(outside, start=1)}


def _place_ticks(axes: Axes, places: dict[str, float], study: FigureData) -> None:
    """Budgets below the series, names below the others."""
    table = study.tables["models"]
    budgets = sorted(set(table.loc[table["series"], "epsilon"]))
    others = {name: places[name] for name in table.loc[~table["series"], "model"]}
    labels = [style.budget(epsilon, budgets) for epsilon in budgets]
    axes.xaxis.set_ticks([*budgets, *others.values()], [*labels, *others])
    axes.xaxis.set_ticks([], minor=True)
    if others:
        for label in axes.get_xticklabels():
            label.set(rotation=45, ha="right", rotation_mode="anchor")
        axes.axvline((max(budgets, default=0.0) or 1.0) * 1.075, color=style.GRID, linewidth=1)


def _gini_methods(axes: Axes, table: pd.DataFrame, study: FigureData) -> None:
    for marker, (method, rows) in zip(style.MARKERS, table.groupby("method", sort=False), strict=False):
        main = method == study.method
        means = rows[rows["series"]].groupby("place")["mean"].mean()
        axes.plot(means.index, means, color="#888888", linewidth=1.7 if main else 0.9, zorder=1)
        for row in rows.to_dict("records"):
            spread = [[row["mean"] - row["low"]], [row["high"] - row["mean"]]]
            color = study.colors[row["model"]]
            axes.errorbar(row["place"], row["mean"], spread, color=color, marker=marker, capsize=3, zorder=2)
        axes.plot(
            [],
            [],
            color="#888888",
            marker=marker,
            linewidth=1.7 if main else 0.9,
            label=style.method_title(str(method)),
        )


def _control_lines(axes: Axes, measure: str, study: FigureData) -> None:
    seen: Counter[str] = Counter()
    for control, name, mean in study.controls(measure):
        lines = CONTROL_LINES.get(control, ("--",))
        line = lines[seen[control] % len(lines)]
        seen[control] += 1
        axes.axhline(mean, color="#333333", linestyle=line, linewidth=1.1, label=name, zorder=0)


def noise(study: FigureData) -> Figure:
    """Error rate against the number of noisy values (paper, Figure 3), guided and not."""
    figure, panels = pyplot.subplots(1, 2, figsize=(style.WIDTH, 3.7))
    subpixels = sorted(set(study.rows("attacks", attack="noise")["subpixels"].astype(int)))
    for axes, (kind, title) in zip(panels, KINDS.items(), strict=True):
        for model in study.pair:
            for where in study.places:
                rows = study.of("attacks", model, attack="noise", setting=kind, where=where)
                rates, sd = 100 * rows["error_rate"], 100 * rows["sd"].fillna(0)
                line = {"linestyle": style.WHERE_LINES[where], "marker": _marker(study, model)}
                across = rows["subpixels"].astype(float)
                axes.plot(across, rates, color=study.colors[model], **line)
                axes.fill_between(across, rates - sd, rates + sd, color=study.colors[model], alpha=0.15, lw=0)
        axes.set_xscale("log", base=2)
        axes.set(title=title, xlabel="noisy values of an image")
        axes.set_ylim(bottom=0)
        style.ticks_at(axes.xaxis, subpixels)
    panels[0].set_ylabel("error rate (%)")
    handles = [Line2D([], [], color=study.colors[name], marker=_marker(study, name), label=name) for name in study.pair]
    figure.legend(handles=handles + _where_handles(study.places), loc="outside lower center", ncols=5)
    return figure


def _where_handles(places: Sequence[str]) -> list[Line2D]:
    lines, names = style.WHERE_LINES, WHERE_NAMES
    return [Line2D([], [], color="#555555", linestyle=lines[where], label=names[where]) for where in places]


def _marker(study: FigureData, model: str) -> str:
    """A second cue beside colour."""
    return style.MARKERS[study.models.index(model) % len(style.MARKERS)]


def lorenz_curves(study: FigureData) -> Figure:
    """Lorenz curves of |attribution|, averaged over images."""
    figure, axes = pyplot.subplots(figsize=(style.WIDTH * 0.72, 4.3))
    axes.plot([0, 100], [0, 100], color="#999999", linewidth=1, linestyle="--", label="all values equal")
    for model in study.models:
        curve = 100 * lorenz(study.maps[study.by(model)])
        places = np.linspace(0, len(curve) - 1, min(len(curve), POINTS)).round().astype(int)
        share, curve = 100 * places / (len(curve) - 1), curve[places]
        every = max(1, len(curve) // 8)
        marker = _marker(study, model)
        axes.plot(share, curve, color=study.colors[model], marker=marker, markevery=every, markersize=4, label=model)
    axes.set(
        xlabel="share of an image's values, smallest |attribution| first (%)", ylabel="their share of the total (%)"
    )
    axes.set(xlim=(0, 100), ylim=(0, 100))
    axes.legend(loc="upper left")
    return figure


def fragility_against_gini(study: FigureData) -> Figure:
    """Each image's global Gini against the share of budgets that fool the model; lines join means of equal groups."""
    figure, axes = pyplot.subplots(figsize=(style.WIDTH * 0.86, 4.3))
    for model in study.models:
        inequality, broken = fragility(study, model)
        color, marker = study.colors[model], _marker(study, model)
        axes.plot(inequality, 100 * broken, ".", color=color, alpha=0.25, markersize=4, mec="none", rasterized=True)
        middle, mean, half = bins(inequality, 100 * broken)
        axes.errorbar(middle, mean, half, color=color, marker=marker, capsize=2, elinewidth=1, label=model, zorder=3)
    axes.set(xlabel="global Gini index of the image's map", ylabel="budgets that fool the model (%)", ylim=(0, 100))
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure
