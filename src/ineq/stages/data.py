"""The images and labels of the study, split into training and test images."""

from __future__ import annotations

from ineq.planning.stage import Output, Stage, columns
from ineq.runtime.run import Run

STAGE = Stage(
    name="data",
    summary="Read the images and labels of the data set, and split them into training and test images.",
    folder="data",
    outputs={
        "data": Output(
            "data.h5",
            columns(
                "train/images, test/images",
                "uint8 (images, C, H, W)",
                "pixel value in [0, 1], times the attribute `scale`",
            ),
            columns("train/labels, test/labels", "int64 (images)", "class; the attribute `classes` names them"),
        ),
    },
    parameters=("data.name", "data.path", "data.shape", "data.resize", "data.held_out", "data.seed"),
    source_files={"source": "{data.path}"},
)


def main(run: Run) -> None:
    """Read the source and write `data.h5`."""
    from ineq.data.dataset import write_dataset
    from ineq.data.sources import INDEXES, SOURCES

    name, options = run["data.name"], {}
    if name in INDEXES:
        options = {"resize": run["data.resize"]}
    source = {**SOURCES, **INDEXES}[name]
    dataset = source(
        run.inputs["source"],
        run["data.shape"],
        held_out=run["data.held_out"],
        seed=run["data.seed"],
        report=run.say,
        **options,
    )
    write_dataset(run.outputs["data"], dataset, run.parameters)
