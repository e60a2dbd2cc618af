"""The images that all of `sample.models` classify correctly."""

from __future__ import annotations

from collections.abc import Mapping

from ineq.config.study import Study
from ineq.planning.cost import Work, image_bytes
from ineq.planning.stage import Output, Stage, columns
from ineq.runtime.run import Run


def cost(study: Study, axes: Mapping[str, str], split_size: int) -> Work:
    """Passes of its model, and what it writes."""
    return Work(disk=image_bytes(study, study.parameters.sample.size))


STAGE = Stage(
    name="sample",
    summary="Sample the images that all of `sample.models` classify correctly.",
    folder="sample",
    inputs={"data": "data.data", "predictions": "predict.predictions"},
    outputs={
        "sample": Output(
            "sample.h5",
            columns("images", "float32 (N, C, H, W)", "pixel value in [0, 1]"),
            columns("labels, indices", "int64 (N)", "class; position in the split, which keys every random draw"),
        ),
        "classes": Output(
            "classes.csv",
            columns("class", "any", "name of the class"),
            columns("images", "int", "sampled images of it"),
        ),
    },
    parameters=("eval.split", "sample"),
    fan_in={"predict": "sample.models"},
    cost=cost,
)


def main(run: Run) -> None:
    """Draw the sample and count its classes."""
    import pandas as pd

    from ineq.data.dataset import read_split, relabelled
    from ineq.data.sample import class_counts, draw_sample
    from ineq.data.samplefile import write_sample
    from ineq.io.tables import read_table, write_table

    split = read_split(run.inputs["data"], run["eval.split"])
    predictions = {
        model: read_table(path, "predict")["prediction"].to_numpy() for model, path in run.inputs["predictions"].items()
    }
    if run["sample.labels"] == "predicted":
        run.say("warning: labels are a model's predictions, so that no result says anything about the data")
        split = relabelled(split, predictions[run["sample.models"][0]])
    indices = draw_sample(split.labels, predictions, run["sample.size"], run["sample.seed"])
    write_sample(run.outputs["sample"], split, indices, run.parameters)
    counts = class_counts(split.labels[indices], len(split.classes))
    write_table(run.outputs["classes"], pd.DataFrame({"class": split.classes, "images": counts}))
