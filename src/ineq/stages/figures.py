"""Every figure as SVG and PNG, and its words."""

from __future__ import annotations

from ineq.planning.stage import Output, Stage, document
from ineq.runtime.run import Run
from ineq.stages.tables import SHOWN

FIGURES = ("gini", "lorenz", "maps", "attacks", "noise", "surface", "examples", "fragility")

STAGE = Stage(
    name="figures",
    summary="Draw the figures, and say in words what they show.",
    folder="figures",
    inputs={
        **{name: f"tables.{name}" for name in SHOWN},
        "sample": "sample.sample",
        "maps": "attribute.maps",
        "inequality": "inequality.inequality",
        "attacked": "attack.outcome",
    },
    outputs={
        **{
            name: Output(
                f"{name}.svg",
                document(
                    "SVG",
                    "a figure with its title and alternative text: `gini`, `lorenz`, `maps`, `attacks`, "
                    "`noise`, `surface`, `examples` or `fragility`",
                ),
                shown="<figure>.svg",
            )
            for name in FIGURES
        },
        **{
            f"{name}_png": Output(
                f"{name}.png", document("PNG", "the same, 1600 pixels wide or less"), shown="<figure>.png"
            )
            for name in FIGURES
        },
        "captions": Output(
            "captions.json", document("JSON", "by figure: `title`, `caption` with this run's numbers, `alt`")
        ),
    },
    parameters=("models", "figures"),
    runs="attack",
    card=("architecture", "train", "pruning"),
    plots=tuple(f"{name}_png" for name in FIGURES),
)


def main(run: Run) -> None:
    """Draw what the tables, maps and records of the study show."""
    from ineq.figures.build import build_figures
    from ineq.figures.read import read_figure_data
    from ineq.io.text import write_json
    from ineq.report.captions import captions

    study = read_figure_data(run.inputs, run.cards)
    words = captions(study, run["figures.images"])
    build_figures(study, run["figures.images"], words, run.outputs)
    write_json(run.outputs["captions"], words)
