"""For some images every model's map, and the smallest attacks that break it."""

from __future__ import annotations

from ineq.planning.stage import Output, Stage, document
from ineq.runtime.run import Run
from ineq.stages.tables import SHOWN

STAGE = Stage(
    name="gallery",
    summary="Show for some images every model's map, and the smallest attacks that break it.",
    folder="gallery",
    inputs={
        **{name: f"tables.{name}" for name in SHOWN},
        "sample": "sample.sample",
        "maps": "attribute.maps",
        "inequality": "inequality.inequality",
        "attacked": "attack.outcome",
        "random_attacks": "random_attack.outcome",
    },
    outputs={
        "gallery": Output(
            "gallery.json",
            document(
                "JSON",
                "`method` and `color` shown, `pair` (standard and most robust model), `exact` "
                "(pictures are not shrunk), `models` with their colours, and `groups` of images: "
                "each image with its `index` in the split and, by model, `gini`, `lorenz` (an SVG "
                "path in a square of 100), `map` and `cut` (at ±3 σ) as pictures, and what broke "
                "it first, by the name of the attack, null where nothing did: its `setting` and `budget`, "
                "the picture, the new `prediction` and in how many draws, `guided` and at `random`, it does",
            ),
        ),
    },
    parameters=("models", "gallery"),
    card=("architecture", "train", "pruning"),
    runs="attack",
)


def main(run: Run) -> None:
    """Choose images, and write what the report shows of them."""
    from ineq.figures.read import read_figure_data
    from ineq.gallery.build import gallery
    from ineq.io.text import write_json

    write_json(run.outputs["gallery"], gallery(read_figure_data(run.inputs, run.cards), run["gallery.images"]))
