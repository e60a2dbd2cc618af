"""A trained model, pruned as its card says and trained a little further; resumes as train does."""

from __future__ import annotations

from ineq.planning.stage import NETWORK, Output, Stage, columns
from ineq.runtime.run import Run
from ineq.stages.train import MODEL, SCHEDULE

# Pruning has its own length and rate, and starts at the full budget.
TUNING = tuple(key for key in SCHEDULE if key.split(".")[1] not in ("epochs", "learning_rate", "ramp_epochs"))

STAGE = Stage(
    name="prune",
    summary="Prune a trained model by l1-norm, and train it a little further.",
    axes=("model",),
    folder="models",
    inputs={"data": "data.data", "base": "train.checkpoint@prune.base"},
    outputs={
        **MODEL,
        "pruning": Output(
            "pruning.csv",
            columns("layer", "any", "a pruned convolution, by its name in the network"),
            columns(
                "filters, zero_filters, weights, zero_weights",
                "int",
                "its filters, those that are all zero; its weights, those that are zero",
            ),
        ),
    },
    parameters=("runtime.threads", "prune.base", "prune.epochs", "prune.learning_rate", *TUNING),
    card=(*NETWORK, "train", "pruning"),
    model_list="prune.models",
    same_outputs_as="train",
)


def main(run: Run) -> None:
    """Prune, train on, and write the checkpoint, the log and what is zero."""
    import pandas as pd

    from ineq.data.dataset import read_split
    from ineq.device import set_arithmetic
    from ineq.io.tables import write_table
    from ineq.models.checkpoint import load_checkpoint, save_checkpoint
    from ineq.models.pruning import prune_and_tune, zeros
    from ineq.models.training import Recipe, Schedule

    set_arithmetic(run["runtime.threads"])
    card = run.section("card")
    network = {"architecture": card["architecture"], "normalisation": card["normalisation"]}
    tuned = prune_and_tune(
        load_checkpoint(run.inputs["base"], **network),
        read_split(run.inputs["data"], "train"),
        read_split(run.inputs["data"], "test"),
        **network,
        **card["pruning"],
        # For how long is the study's to say: a card's `epochs` are those of the model that it was pruned from.
        recipe=Recipe(**{**card["train"], "epochs": None}),
        schedule=Schedule(
            **run.section("train"),
            epochs=run["prune.epochs"],
            learning_rate=run["prune.learning_rate"],
            ramp_epochs=0,
        ),
        state=run.state,
        state_key=run.key,
        report=run.say,
        progress=run.progress("batches"),
    )
    save_checkpoint(run.outputs["checkpoint"], tuned.model, stage="prune", **network, parameters=run.parameters)
    write_table(run.outputs["log"], pd.DataFrame(tuned.log))
    write_table(run.outputs["pruning"], pd.DataFrame(zeros(tuned.model)))
