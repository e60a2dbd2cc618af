"""A third party's checkpoint as one of ours; nothing that it pickles is run."""

from __future__ import annotations

from ineq.planning.stage import NETWORK, Stage
from ineq.runtime.run import Run
from ineq.stages.train import CARDS, MODEL

STAGE = Stage(
    name="convert",
    summary="Take the weights out of a third party's checkpoint, without running anything that is in it.",
    axes=("model",),
    folder="models",
    outputs=MODEL,
    card=(*NETWORK, "origin.sha256"),
    source_files={"checkpoint": f"{CARDS}.ckpt"},
    model_list="convert.models",
    same_outputs_as="train",
)


def main(run: Run) -> None:
    """Check the file against its card, and write its weights; there is no log of how it was trained."""
    import pandas as pd

    from ineq.io.tables import write_table
    from ineq.io.text import check_sum
    from ineq.models.checkpoint import save_checkpoint
    from ineq.models.foreign import load_foreign
    from ineq.models.recipe import LOG

    card = run.section("card")
    network = {"architecture": card["architecture"], "normalisation": card["normalisation"]}
    check_sum(run.inputs["checkpoint"], card["origin"]["sha256"])
    model = load_foreign(run.inputs["checkpoint"], **network)
    save_checkpoint(run.outputs["checkpoint"], model, stage="convert", **network, parameters=run.parameters)
    write_table(run.outputs["log"], pd.DataFrame(columns=list(LOG)))
