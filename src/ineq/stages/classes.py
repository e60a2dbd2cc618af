"""The measures of inequality of every image of the evaluation split; maps are made and forgotten."""

from __future__ import annotations

from collections.abc import Mapping

from ineq.config.study import Study
from ineq.planning.cost import Work, gradients
from ineq.planning.stage import NETWORK, RUNTIME, SPACE, Output, Stage, columns
from ineq.runtime.run import Run


def cost(study: Study, axes: Mapping[str, str], split_size: int) -> Work:
    """Passes of its model, and what it writes."""
    return Work(gradient=split_size * gradients(study, "integrated_gradients"))


STAGE = Stage(
    name="classes",
    summary="Measure Gini and sparsity of every image of the evaluation split, for comparing classes.",
    axes=("model",),
    folder="classes",
    inputs={"data": "data.data", "checkpoint": "train.checkpoint", "predictions": "predict.predictions"},
    outputs={
        "classes": Output(
            "classes.csv",
            columns("image, label, prediction", "int", "position in the split, class, predicted class"),
            columns(
                "gini_global, gini_regional, sparsity, share_1, share_5, share_10",
                "float",
                "as in `inequality.csv`, of Integrated Gradients of the true class, for every image of the split",
            ),
        ),
    },
    parameters=(*RUNTIME, *SPACE, "eval.split", "attribution.seed", "attribution.integrated_gradients", "inequality"),
    card=NETWORK,
    model_list="classes.models",
    cost=cost,
)


def main(run: Run) -> None:
    """Attribute the true class batch by batch, and write one row an image."""
    import numpy as np
    import pandas as pd

    from ineq.attribution.methods import attribute
    from ineq.data.checks import as_images
    from ineq.data.dataset import read_split
    from ineq.device import device
    from ineq.inequality.table import measure
    from ineq.io.tables import read_table, write_table
    from ineq.models.forward import prefetch
    from ineq.models.job import load_model

    split = read_split(run.inputs["data"], run["eval.split"])
    predictions = read_table(run.inputs["predictions"], "predict", ("label", "prediction"))
    model = load_model(run.inputs["checkpoint"], run.section("card"), run.section("runtime"))
    options = run.section("attribution.integrated_gradients")
    options |= {"seed": run["attribution.seed"], **run.space}
    indices, size, progress, tables = (
        np.arange(len(split.labels)),
        run.batch_size,
        run.progress("images"),
        [],
    )
    for rows, batch in prefetch(split.images, size):
        images = as_images(batch, device())
        keys = {"indices": indices[rows], "batch_size": size}
        maps = attribute(model, images, split.labels[rows], "integrated_gradients", **keys, **options)
        tables.append(measure(np.asarray(maps.cpu()), indices[rows], **run.section("inequality")))
        progress(rows.stop, len(indices))
    table = pd.concat(tables, ignore_index=True).join(predictions[["label", "prediction"]])
    write_table(run.outputs["classes"], table)
