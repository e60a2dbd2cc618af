"""Figures of images: occlusion surfaces, occluded images with predictions, attribution maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ineq.attacks.registry import attack_of
from ineq.attacks.target import attacked_images
from ineq.figures import style
from ineq.figures.measures import fooled
from ineq.figures.read import FigureData

WRITTEN = 60  # cells of a surface up to which each number is written in it
SIGMAS = 3.0


def surface(study: FigureData) -> Figure:
    """Error rate over (count, radius) for each colour; and what is left of it without the random control's."""
    colors = list(dict.fromkeys(study.rows("attacks", attack="occlusion")["setting"]))
    pair = study.pair
    size = (style.WIDTH, 1.0 + 1.75 * len(colors))
    figure, grid = pyplot.subplots(len(colors), 2 * len(pair), figsize=size, squeeze=False, sharex=True, sharey=True)
    cells = {(color, model): _rates(study, model, color) for color in colors for model in pair}
    limit = max(float(np.abs(difference).max(axis=None)) for _, difference in cells.values()) or 1.0
    for row, color in zip(grid, colors, strict=True):
        for i, model in enumerate(pair):
            _heat(row[i], cells[color, model][0], style.ERROR, 0, 100)
            _heat(row[len(pair) + i], cells[color, model][1], style.SIGNED, -limit, limit)
        row[0].set_ylabel(f"{color}\noccluded regions")
    for axes, model in zip(grid[0], [*pair, *pair], strict=True):
        axes.set_title(model, color=study.colors[model], fontweight="bold")
    for axes in grid[-1]:
        axes.set_xlabel("radius (pixels)")
    _scale(figure, grid[:, : len(pair)], "error rate (%)")
    _scale(figure, grid[:, len(pair) :], "important − random (percentage points)")
    return figure


def _scale(figure: Figure, panels: np.ndarray, label: str) -> None:
    """One colour scale above panels that share it."""
    figure.colorbar(panels[0, 0].images[0], ax=panels, location="top", shrink=0.8, aspect=30, label=label)


def _rates(study: FigureData, model: str, color: str) -> tuple[np.ndarray, np.ndarray]:
    """Error rate in %, and its difference from the random control's, as (count, radius)."""
    rows = study.of("attacks", model, attack="occlusion", setting=color, criterion="any")
    guided, random = (
        100 * rows[rows["where"] == where].pivot(index="count", columns="radius", values="error_rate").to_numpy()
        for where in ("important", "random")
    )
    return guided, guided - random


def _heat(axes: Axes, cells: np.ndarray, colormap: str, low: float, high: float) -> None:
    image = axes.imshow(cells, cmap=colormap, vmin=low, vmax=high, origin="lower", aspect="auto")
    axes.grid(False)
    for axis, length in ((axes.xaxis, cells.shape[1]), (axes.yaxis, cells.shape[0])):
        places = range(0, length, max(1, length // 5))
        axis.set_ticks(places, [str(place + 1) for place in places])
    if cells.size <= WRITTEN:
        for (y, x), value in np.ndenumerate(cells):
            color = image.to_rgba(value)
            bright = 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2] > 0.5
            text = f"{value:.0f}" if low >= 0 else f"{value:+.0f}"
            axes.text(x, y, text, ha="center", va="center", fontsize=8, color="black" if bright else "white")


def budgets(study: FigureData) -> list[tuple[int, int]]:
    """A small, a middle and the full occlusion budget; fewer where the grid is too small for three."""
    axes = study.outcomes[study.by(study.models[0])]["occlusion"].budgets
    count, radius = axes["count"][-1], axes["radius"][-1]
    return list(dict.fromkeys([(1, radius), ((count + 1) // 2, radius), (count, radius)]))


def most_different(study: FigureData, number: int) -> list[int]:
    """Images on which the pair differs most: in turn those that break the last model more, and the first.

    By the number of budgets that fool one of both only; of equals the first in the sample.
    """
    wrong = []
    for model in study.pair:
        outcome = study.outcomes[study.by(model)]["occlusion"]
        wrong.append(np.where(outcome.evaluated, fooled(outcome, [study.color]), 0.5))
    balance = wrong[-1] - wrong[0]
    last, first = np.argsort(-balance, kind="stable"), np.argsort(balance, kind="stable")
    turns = [int(i) for pairs in zip(last, first, strict=True) for i in pairs]
    return list(dict.fromkeys(turns))[:number]


def examples(study: FigureData, number: int) -> Figure:
    """Images occluded where each model of the pair looks, with its predictions (paper, Figures 1 and 4)."""
    rows, tries = most_different(study, number), budgets(study)
    columns = 1 + len(tries) * len(study.pair)
    figure, grid = _picture_grid(len(rows), columns, extra=0.28)
    for axes, image in zip(grid[:, 0], rows, strict=True):
        _image(axes, study.sample.images[image])
        axes.set_title(f"true: {study.sample.name(study.sample.labels[image])}", fontsize=9)
    for m, model in enumerate(study.pair):
        first = 1 + m * len(tries)
        for line, image in zip(grid, rows, strict=True):
            _tries(line[first : first + len(tries)], study, model, image, tries)
        for axes, (count, radius) in zip(grid[-1, first:], tries, strict=False):
            axes.set_xlabel(f"{count} × radius {radius}\n{model}", color=study.colors[model])
    grid[-1, 0].set_xlabel("original")
    return figure


def attacked_image(
    study: FigureData, model: str, row: int, attack: str, *, setting: str, budget: Mapping[str, int], draw: int = 0
) -> np.ndarray:
    """An image of the sample (C, H, W) under an attack at a setting and budget, where the model looks."""
    outcome, maps = study.outcomes[study.by(model)][attack], study.maps[study.by(model)]
    batch = study.sample.images[row][None], maps[row][None]
    keys = {"seed": outcome.seed, "indices": outcome.indices[[row]], **outcome.space}
    one_try = {"setting": setting, "budget": budget, "draw": draw}
    return attacked_images(attack_of(attack, outcome.options), *batch, **one_try, **keys)[0].numpy()


def _tries(row: Sequence[Axes], study: FigureData, model: str, image: int, tries: Sequence[tuple[int, int]]) -> None:
    outcome = study.outcomes[study.by(model)]["occlusion"]
    grid = outcome.prediction["important"][list(outcome.settings).index(study.color), :, :, 0, image]
    for axes, (count, radius) in zip(row, tries, strict=True):
        budget = {"count": count, "radius": radius}
        _image(axes, attacked_image(study, model, image, "occlusion", setting=study.color, budget=budget))
        prediction = grid[outcome.place(budget)]
        right = prediction == outcome.labels[image]
        name = study.sample.name(prediction)
        axes.set_title(f"{name} ✓" if right else f"{name} ✗", fontsize=10, color="#222222" if right else "#B00020")
        for spine in axes.spines.values():
            spine.set(color=study.colors[model], linewidth=1.4)


def maps(study: FigureData, number: int) -> Figure:
    """Attribution maps of every model, as they are and cut at ±3 σ (paper, Figures 2, 5 and 6)."""
    rows = most_different(study, number)
    figure, grid = _picture_grid(2 * len(rows), 1 + len(study.models), extra=0.06)
    for i, image in enumerate(rows):
        whole, cut = grid[2 * i], grid[2 * i + 1]
        _image(whole[0], study.sample.images[image])
        cut[0].set_axis_off()
        for top, bottom, model in zip(whole[1:], cut[1:], study.models, strict=True):
            values = study.maps[study.by(model)][image]
            _map(top, values)
            _map(bottom, clipped(values))
        whole[1].set_ylabel("as it is", fontsize=8)
        cut[1].set_ylabel(f"cut at ±{SIGMAS:g} σ", fontsize=8)
    # A name must not run into its neighbour's: many columns are narrow ones.
    longest = max(map(len, study.models))
    size = min(9.5, 100 * style.WIDTH / (len(grid[0]) * longest))
    for axes, model in zip(grid[0, 1:], study.models, strict=True):
        axes.set_title(model, color=study.colors[model], fontweight="bold", fontsize=size)
    grid[0, 0].set_title("image")
    return figure


def clipped(values: np.ndarray) -> np.ndarray:
    """Values further than 3 standard deviations from the mean, cut there (paper, Figure 5)."""
    return np.clip(values, values.mean() - SIGMAS * values.std(), values.mean() + SIGMAS * values.std())


def channel_sum(values: np.ndarray) -> tuple[np.ndarray, float]:
    """What is drawn of a map (C, H, W): the channels' sum (H, W) and its largest size, 1 for a zero map."""
    flat = values.sum(axis=0)
    return flat, float(np.abs(flat).max()) or 1.0


def _picture_grid(rows: int, columns: int, extra: float) -> tuple[Figure, np.ndarray]:
    side = style.WIDTH / columns
    size = (style.WIDTH, rows * (side * 0.94 + extra) + 0.4)
    figure, grid = pyplot.subplots(rows, columns, figsize=size, squeeze=False)
    for axes in grid.flat:
        style.bare(axes)
    return figure, grid


def _image(axes: Axes, image: np.ndarray) -> None:
    """(C, H, W) in [0, 1], one channel as grey."""
    picture = image.transpose(1, 2, 0)
    axes.imshow(picture if len(image) == 3 else picture[..., 0], cmap="gray", vmin=0, vmax=1, interpolation="nearest")


def _map(axes: Axes, values: np.ndarray) -> None:
    """White is zero, and the map's own largest size is full colour."""
    flat, top = channel_sum(values)
    axes.imshow(flat, cmap=style.SIGNED, vmin=-top, vmax=top, interpolation="nearest")
