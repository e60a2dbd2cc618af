"""Stage sample: the images that all of `sample.models` classify correctly."""

from ineq.pipeline.entry import Run, run_stage


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


if __name__ == "__main__":
    run_stage("sample", main)
