"""Stage classes: the measures of inequality of every image of the evaluation split; maps are made and forgotten."""

from ineq.pipeline.entry import Run, run_stage


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
    from ineq.models.forward import ahead
    from ineq.models.job import load_model

    split = read_split(run.inputs["data"], run["eval.split"])
    predictions = read_table(run.inputs["predictions"], "predict", ("label", "prediction"))
    model = load_model(run.inputs["checkpoint"], run.parameters.section("card"), run.parameters.section("runtime"))
    options = run.parameters.section("attribution.integrated_gradients")
    options |= {"seed": run["attribution.seed"], "mean": run["data.mean"], "std": run["data.std"]}
    indices, size, progress, tables = (
        np.arange(len(split.labels)),
        run.batch_size,
        run.progress("images"),
        [],
    )
    for rows, found in ahead(split.images, size):
        images = as_images(found, device())
        keys = {"indices": indices[rows], "batch_size": size}
        maps = attribute(model, images, split.labels[rows], "integrated_gradients", **keys, **options)
        tables.append(measure(np.asarray(maps.cpu()), indices[rows], **run.parameters.section("inequality")))
        progress(rows.stop, len(indices))
    table = pd.concat(tables, ignore_index=True).join(predictions[["label", "prediction"]])
    write_table(run.outputs["classes"], table)


if __name__ == "__main__":
    run_stage("classes", main)
