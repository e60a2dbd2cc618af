"""A model as its card says, with a log; goes on from its last epoch after a kill."""

from __future__ import annotations

from ineq.config.schema import Train
from ineq.planning.stage import NETWORK, Output, Stage, columns, document
from ineq.runtime.run import Run

CARDS = "models/{study}/{model}"
"""What lies beside a model's card."""
SCHEDULE = tuple(f"train.{name}" for name in Train.model_fields if name != "models")
MODEL = {
    "checkpoint": Output(
        "checkpoint.safetensors",
        document(
            "float32",
            "the network's tensors: weights; one metadata key, canonical JSON of stage, architecture, normalisation, "
            "parameters and a checksum",
        ),
    ),
    "log": Output(
        "training.csv",
        columns("epoch", "int", "epoch, from 1"),
        columns(
            "learning_rate, epsilon, loss",
            "float",
            "rate at the epoch's end, budget of the attack in pixel values, mean loss on the images trained on",
        ),
        columns(
            "train_accuracy, test_accuracy, test_pgd_accuracy",
            "float",
            "share right: of the images trained on, of the held-out images, of the first "
            "`train.log_images` of them under PGD with `train.log_epsilon`",
        ),
    ),
}
"""What every stage writes that makes a model."""

STAGE = Stage(
    name="train",
    summary="Train a model as its card says.",
    axes=("model",),
    folder="models",
    inputs={"data": "data.data"},
    outputs=MODEL,
    parameters=("runtime.threads", *SCHEDULE),
    card=(*NETWORK, "train"),
    model_list="train.models",
)


def main(run: Run) -> None:
    """Train, and write the checkpoint and the log."""
    import pandas as pd

    from ineq.data.dataset import read_split
    from ineq.device import set_arithmetic
    from ineq.io.tables import write_table
    from ineq.models.checkpoint import save_checkpoint
    from ineq.models.training import Recipe, Schedule, train

    set_arithmetic(run["runtime.threads"])
    card = run.section("card")
    network = {"architecture": card["architecture"], "normalisation": card["normalisation"]}
    trained = train(
        read_split(run.inputs["data"], "train"),
        read_split(run.inputs["data"], "test"),
        **network,
        recipe=Recipe(**card["train"]),
        schedule=Schedule(**run.section("train")),
        state=run.state,
        state_key=run.key,
        report=run.say,
        progress=run.progress("batches"),
    )
    save_checkpoint(run.outputs["checkpoint"], trained.model, stage="train", **network, parameters=run.parameters)
    write_table(run.outputs["log"], pd.DataFrame(trained.log))
