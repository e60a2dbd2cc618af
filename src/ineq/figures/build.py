"""All figures of a study."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from matplotlib.figure import Figure

from ineq.figures import curves, overview, pictures
from ineq.figures.read import FigureData
from ineq.figures.save import save
from ineq.figures.style import use

# In the order in which the report shows them.
FIGURES: dict[str, Callable[[FigureData, int], Figure]] = {
    "gini": lambda study, _: curves.gini(study),
    "lorenz": lambda study, _: curves.lorenz_curves(study),
    "maps": pictures.maps,
    "attacks": lambda study, _: overview.attacks(study),
    "noise": lambda study, _: curves.noise(study),
    "surface": lambda study, _: pictures.surface(study),
    "examples": pictures.examples,
    "fragility": lambda study, _: curves.fragility_against_gini(study),
}


def build_figures(
    study: FigureData, images: int, words: Mapping[str, Mapping[str, str]], outputs: Mapping[str, Path]
) -> None:
    """Write every figure as `outputs[name]` (SVG) and `outputs[name_png]`, with its `title` and `alt` of `words`."""
    use()
    for name, draw in FIGURES.items():
        title, alt = words[name]["title"], words[name]["alt"]
        save(draw(study, images), name, outputs[name], outputs[f"{name}_png"], title, alt)
