"""A model that comes as a file, checked against its card and taken over."""

from __future__ import annotations

from ineq.planning.stage import NETWORK, Stage
from ineq.runtime.run import Run
from ineq.stages.train import CARDS, MODEL

STAGE = Stage(
    name="import",
    summary="Check a model that comes as a file against its card, and take it over.",
    axes=("model",),
    folder="models",
    outputs=MODEL,
    card=(*NETWORK, "origin.sha256"),
    source_files={"checkpoint": f"{CARDS}.safetensors", "log": f"{CARDS}.csv"},
    model_list="imports.models",
    same_outputs_as="train",
)


def main(run: Run) -> None:
    """Check the file, and write it and its training log as a trained model's are."""
    from ineq.models.imports import take_over

    take_over(run.inputs["checkpoint"], run.outputs["checkpoint"], run.section("card"))
    run.outputs["log"].write_bytes(run.inputs["log"].read_bytes())
