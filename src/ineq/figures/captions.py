"""What each figure shows, in words, with this run's numbers whichever way they point: the only place for such words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from ineq.figures.measures import fragility, lorenz, rank_correlation, top_share
from ineq.figures.pictures import budgets, chosen
from ineq.figures.read import Findings
from ineq.figures.style import method_title
from ineq.inequality.names import GINIS
from ineq.statistics.conclusions import COMPARED, Interval, direction
from ineq.tables.headline import full_budget


@dataclass(frozen=True)
class Words:
    """Title, caption (what to see) and alternative text (what is drawn)."""

    title: str
    caption: str
    alt: str


def captions(found: Findings, images: int) -> dict[str, dict[str, str]]:
    """The words of every figure, by its name."""
    words: dict[str, Callable[[], Words]] = {
        "gini": lambda: _gini(found),
        "lorenz": lambda: _lorenz(found),
        "maps": lambda: _maps(found, images),
        "noise": lambda: _noise(found),
        "surface": lambda: _surface(found),
        "examples": lambda: _examples(found, images),
        "fragility": lambda: _fragility(found),
    }
    return {name: asdict(make()) for name, make in words.items()}


def listed(items: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def compared(first: Interval, last: Interval) -> str:
    """How the last stands to the first: by their 95 % intervals, so that chance is not told as an effect."""
    return COMPARED[direction(first, last)]


def _interval(found: Findings, model: str, measure: str) -> Interval:
    row = found.of("gini", model, measure=measure).iloc[0]
    return Interval(row["mean"], row["low"], row["high"])


def _gini(found: Findings) -> Words:
    first, last = found.pair[0], found.pair[-1]
    parts = []
    for measure, name in GINIS.items():
        low, high = _interval(found, first, measure), _interval(found, last, measure)
        parts.append(
            f"the {name} Gini of {last} ({high.mean:.3f}) is {compared(low, high)} that of {first} ({low.mean:.3f})"
        )
    named = [f"{name} {mean:.3f}" for _, name, mean in found.controls("gini_global")]
    lines = (
        f" The lines are controls (global: {listed(named)}): what training adds is the distance to them."
        if named
        else ""
    )
    alt = listed([f"{model} {_interval(found, model, 'gini_global').mean:.3f}" for model in found.models])
    return Words(
        "Gini index of attribution maps",
        f"With {method_title(found.method)}, {listed(parts)}. Bars are 95 % intervals over images.{lines}",
        f"Two line charts of the Gini index against ε. Global, {method_title(found.method)}: {alt}.",
    )


def _lorenz(found: Findings) -> Words:
    shares = {name: 100 * top_share(lorenz(found.maps[found.by(name)])) for name in found.models}
    named = listed([f"{name} {share:.1f} %" for name, share in shares.items()])
    return Words(
        "Lorenz curves of |attribution|",
        "The further below the diagonal, the more unequal. Of the total, the top 10 % of an image's values hold: "
        f"{named}.",
        f"Lorenz curves, one a model, averaged over images. The top 10 % of values hold: {named}.",
    )


def _noise(found: Findings) -> Words:
    most = int(found.tables["noise"]["subpixels"].max())
    parts = []
    for kind, name in (("additive", "added noise"), ("replace", "replacing noise")):
        rates = [
            f"{model} {_noise_rate(found, model, kind, 'important', most):.1f} % against "
            f"{_noise_rate(found, model, kind, 'random', most):.1f} %"
            for model in found.pair
        ]
        parts.append(f"{name}: {listed(rates)}")
    numbers = "; ".join(parts)
    return Words(
        "Error under noise",
        f"Error rate with noise on the {most} most important values against as many random ones: {numbers}. Bands are "
        "± one standard deviation over draws of the noise. Only what exceeds the random line is owed to importance.",
        f"Two line charts of the error rate against the number of noisy values, for {listed(found.pair)}, with noise "
        f"on the most important, random and least important values. At {most}, important against random: {numbers}.",
    )


def _noise_rate(found: Findings, model: str, kind: str, where: str, subpixels: int) -> float:
    return 100 * found.of("noise", model, kind=kind, where=where, subpixels=subpixels)["error_rate"].iloc[0]


def _surface(found: Findings) -> Words:
    table = full_budget(found.tables["occlusion"])
    table = table[table["method"] == found.method]
    parts = []
    for color in dict.fromkeys(table["color"]):
        wide = table[table["color"] == color].pivot(index="model", columns="where", values="error_rate") * 100
        wide["above"] = wide["important"] - wide["random"]
        named = wide.loc[found.pair, ["important", "above"]].itertuples(name=None)
        rates = [f"{model} {rate:.1f} % ({above:+.1f})" for model, rate, above in named]
        parts.append(f"{color}: {listed(rates)}")
    count, radius = int(table["count"].max()), int(table["radius"].max())
    chance = radius >= max(found.sample.images.shape[2:])
    warning = " The largest squares cover the whole image: what remains there is chance." if chance else ""
    numbers = "; ".join(parts)
    return Words(
        "Error under occlusion, by budget",
        f"At the full budget of {count} regions and radius {radius}, the error rate and in brackets its difference, in "
        f"percentage points, from the same attack on random regions: {numbers}. Where the difference is small, the "
        f"squares' size does the work, not the importance of what they cover.{warning}",
        f"Heat maps over count and radius, one row a colour. On the left the error rate of {listed(found.pair)}, on "
        f"the right the difference from random regions. At the full budget: {numbers}.",
    )


def _examples(found: Findings, images: int) -> Words:
    rows = chosen(found, images)
    shown = []
    for model in found.pair:
        record = found.occlusion[found.by(model)]
        grid = record.predictions[f"important/{found.color}"]
        wrong = sum(int(grid[i, n - 1, r - 1] != record.labels[i]) for i in rows for n, r in budgets(found))
        shown.append(f"{model} {wrong}")
    of = len(rows) * len(budgets(found))
    first, last = found.pair[0], found.pair[-1]
    choice = f"in turn the images that break {last} more than {first}, and the other way round"
    return Words(
        "Occluded images and predictions",
        f"Each model's own most important regions under {found.color} squares, with its prediction (✗: wrong). Chosen, "
        f"not typical: {choice}, by the whole grid of budgets. Wrong of the {of} tries shown: {listed(shown)}.",
        f"{len(rows)} images, each as it is and under growing {found.color} squares for {listed(found.pair)}, with the "
        f"predicted class above each. Wrong of {of}: {listed(shown)}.",
    )


def _maps(found: Findings, images: int) -> Words:
    count = len(chosen(found, images))
    method = method_title(found.method)
    return Words(
        "Attribution maps",
        f"{method} of the same {count} images for every model, from normal training to the largest ε. Orange speaks "
        "for the class, purple against it; each map has its own scale. Cutting at ±3 σ, usual in such pictures, hides "
        "how far the largest values stand out.",
        f"A grid of {method} maps: {count} images in rows, each with its map as it is and cut at three standard "
        f"deviations, one column for each of {listed(found.models)}.",
    )


def _fragility(found: Findings) -> Words:
    parts = []
    for model in found.models:
        inequality, broken = fragility(found, model)
        rho = rank_correlation(inequality, broken)
        parts.append(f"{model} ρ = {rho:+.2f}, {100 * broken.mean():.0f} % of budgets")
    numbers = "; ".join(parts)
    return Words(
        "Gini index against fragility, image by image",
        "Each dot is an image: the Gini index of its map and the share of guided occlusion budgets, over all colours, "
        f"that fool the model. Spearman's ρ within a model, and the mean share: {numbers}. A ρ near 0 says that, "
        "within a model, images with more unequal maps are not the more fragile ones.",
        f"Scatter plot with a line of group means for each model. {numbers}.",
    )
