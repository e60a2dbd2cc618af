"""Stage train: a model as its card says, with a log; goes on from its last epoch after a kill."""

from ineq.pipeline.entry import Run, run_stage


def main(run: Run) -> None:
    """Train, and write the checkpoint and the log."""
    import pandas as pd

    from ineq.data.dataset import read_split
    from ineq.device import set_arithmetic
    from ineq.io.tables import write_table
    from ineq.models.checkpoint import save_checkpoint
    from ineq.models.training import Recipe, Schedule, train

    set_arithmetic(run["runtime.threads"])
    card = run.parameters.section("card")
    network = {"architecture": card["architecture"], "normalisation": card["normalisation"]}
    trained = train(
        read_split(run.inputs["data"], "train"),
        read_split(run.inputs["data"], "test"),
        **network,
        recipe=Recipe(**card["train"]),
        schedule=Schedule(**run.parameters.section("train")),
        state=run.state,
        state_key=run.key,
        report=run.say,
        progress=run.progress("batches"),
    )
    save_checkpoint(run.outputs["checkpoint"], trained.model, stage="train", **network, parameters=run.parameters)
    write_table(run.outputs["log"], pd.DataFrame(trained.log))


if __name__ == "__main__":
    run_stage("train", main)
