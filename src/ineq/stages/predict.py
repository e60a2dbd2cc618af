"""A model's prediction and margin on every image of the evaluation split."""

from __future__ import annotations

from collections.abc import Mapping

from ineq.config.study import Study
from ineq.planning.cost import Work
from ineq.planning.stage import NETWORK, RUNTIME, Output, Stage, columns
from ineq.runtime.run import Run


def cost(study: Study, axes: Mapping[str, str], split_size: int) -> Work:
    """Passes of its model, and what it writes."""
    return Work(split_size)


STAGE = Stage(
    name="predict",
    summary="Predict every image of the evaluation split.",
    axes=("model",),
    folder="predict",
    inputs={"data": "data.data", "checkpoint": "train.checkpoint"},
    outputs={
        "predictions": Output(
            "predictions.csv",
            columns("image, label, prediction", "int", "position in the split, class, predicted class"),
            columns("margin", "float", "highest logit minus the second highest"),
        ),
    },
    parameters=(*RUNTIME, "eval.split"),
    card=NETWORK,
    cost=cost,
)


def main(run: Run) -> None:
    """Predict, and write one row an image."""
    import numpy as np
    import pandas as pd

    from ineq.data.checks import as_images
    from ineq.data.dataset import read_split
    from ineq.device import device
    from ineq.io.tables import write_table
    from ineq.models.forward import prefetch
    from ineq.models.job import load_model
    from ineq.models.predict import predict

    split = read_split(run.inputs["data"], run["eval.split"])
    model = load_model(run.inputs["checkpoint"], run.section("card"), run.section("runtime"))
    size, progress, tables = run.batch_size, run.progress("images"), []
    for rows, images in prefetch(split.images, size):
        predicted = predict(model, as_images(images, device()), size)
        columns = {"prediction": predicted.labels, "margin": predicted.margin}
        tables.append(pd.DataFrame({"label": split.labels[rows], **columns}))
        progress(rows.stop, len(split.labels))
    table = pd.concat(tables, ignore_index=True)
    table.insert(0, "image", np.arange(len(table)))
    write_table(run.outputs["predictions"], table)
