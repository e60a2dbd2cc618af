"""One figure for all attacks of a study, whichever they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ineq.attacks.names import WHERE_NAMES
from ineq.figures import style
from ineq.figures.read import FigureData

POINTS = {"important": "o", "random": "D", "least": "|"}
"""Markers by which places are attacked; those of the random control are not filled."""


def headline_rates(study: FigureData) -> Iterator[tuple[str, Mapping[str, Mapping[str, float]]]]:
    """Error rates by model of the pair, and by places, at the headline's budget of every attack and setting.

    With the shared method's maps; a model that an attack was not made on is left out.
    """
    table = study.headline("attacks", method=study.method)
    table = table[table["model"].isin(study.pair)]
    for (attack, setting), rows in table.groupby(["attack", "setting"], sort=False):
        wide = rows.pivot(index="model", columns="where", values="error_rate")
        attacked = [model for model in study.pair if model in wide.index]
        rates = {model: {where: float(wide[where][model]) for where in study.places} for model in attacked}
        yield f"{attack}, {setting}", rates


def attacks(study: FigureData) -> Figure:
    """Error rates at the headline's budgets: a line an attack, a panel a model, guided beside both controls."""
    rates = list(headline_rates(study))
    height = 1.3 + 0.32 * len(rates)
    figure, panels = pyplot.subplots(1, len(study.pair), figsize=(style.WIDTH, height), sharey=True, squeeze=False)
    for axes, model in zip(panels[0], study.pair, strict=True):
        color = study.colors[model]
        for place, by_where in [(place, by[model]) for place, (_, by) in enumerate(rates) if model in by]:
            guided, random = (100 * by_where[where] for where in ("important", "random"))
            axes.plot([random, guided], [place, place], color=color, linewidth=1, alpha=0.5)
            for where in study.places:
                fill = "none" if where == "random" else color
                x = 100 * by_where[where]
                axes.plot(x, place, POINTS[where], color=color, markerfacecolor=fill, markersize=6, clip_on=False)
        axes.set_title(model, color=color, fontweight="bold")
        axes.set(xlabel="error rate (%)", xlim=(0, 100), ylim=(len(rates) - 0.5, -0.5))
    panels[0][0].set_yticks(range(len(rates)), [name for name, _ in rates])
    handles = [
        Line2D([], [], color="#555555", linestyle="", marker=POINTS[where], label=WHERE_NAMES[where])
        for where in study.places
    ]
    handles[1].set_markerfacecolor("none")
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure
