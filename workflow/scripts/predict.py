"""Stage predict: a model's prediction and margin on every image of the evaluation split."""

import numpy as np
import pandas as pd

from ineq.data.dataset import read_split
from ineq.io.tables import write_table
from ineq.models.job import load_model
from ineq.models.predict import predict
from ineq.pipeline.runner import Run, run_stage


def main(run: Run) -> None:
    """Predict, and write one row an image."""
    split = read_split(run.inputs["data"], run["eval.split"])
    model = load_model(run.inputs["checkpoint"], run.parameters.section("card"), run["runtime.threads"])
    found = predict(model, split.images, run["runtime.batch_size"])
    columns = {"image": np.arange(len(split.labels)), "label": split.labels, "prediction": found.labels, "margin": found.margin}
    write_table(run.outputs["predictions"], pd.DataFrame(columns))


if __name__ == "__main__":
    run_stage("predict", main)
