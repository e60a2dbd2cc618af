"""The images of the evaluation split that robustness is measured on."""

from __future__ import annotations

from ineq.planning.stage import Output, Stage, columns
from ineq.runtime.run import Run

# Of no model, so that all are attacked on the same images. It also makes sure that the folder of the next stage is
# there in a study that attacks no model: DVC wants what a list depends on to exist.
STAGE = Stage(
    name="subset",
    summary="Draw the images that robustness is measured on.",
    folder="robustness",
    inputs={"data": "data.data"},
    outputs={
        "images": Output(
            "images.csv",
            columns(
                "image, label",
                "int",
                "positions in the split of the images that robustness is measured on, in the order drawn; class",
            ),
        ),
    },
    parameters=("eval.split", "robustness.images", "robustness.seed"),
)


def main(run: Run) -> None:
    """Draw, and write one row an image."""
    import pandas as pd

    from ineq.data.dataset import read_split
    from ineq.data.subset import draw_subset
    from ineq.io.tables import write_table

    labels = read_split(run.inputs["data"], run["eval.split"]).labels
    indices = draw_subset(labels, run["robustness.images"], run["robustness.seed"])
    write_table(run.outputs["images"], pd.DataFrame({"image": indices, "label": labels[indices]}))
