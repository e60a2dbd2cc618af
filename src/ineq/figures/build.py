"""All figures of a study, with their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from matplotlib.figure import Figure

from ineq.figures import curves, pictures
from ineq.figures.captions import captions
from ineq.figures.read import Findings
from ineq.figures.save import save
from ineq.figures.style import use

# In the order in which the report shows them.
FIGURES: dict[str, Callable[[Findings, int], Figure]] = {
    "gini": lambda found, _: curves.gini(found),
    "lorenz": lambda found, _: curves.lorenz_curves(found),
    "maps": pictures.maps,
    "noise": lambda found, _: curves.noise(found),
    "surface": lambda found, _: pictures.surface(found),
    "examples": pictures.examples,
    "fragility": lambda found, _: curves.fragility_against_gini(found),
}


def build_figures(found: Findings, images: int, outputs: Mapping[str, Path]) -> dict[str, dict[str, str]]:
    """Write every figure as `outputs[name]` (SVG) and `outputs[name_png]`; returns their words by name."""
    use()
    words = captions(found, images)
    for name, draw in FIGURES.items():
        title, alt = words[name]["title"], words[name]["alt"]
        save(draw(found, images), name, outputs[name], outputs[f"{name}_png"], title, alt)
    return words
