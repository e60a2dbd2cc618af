"""The measures of inequality for a method of another package on an untrained network."""

from __future__ import annotations

from collections.abc import Mapping

from ineq.config.study import Study
from ineq.planning.cost import Work, mapped
from ineq.planning.stage import NETWORK, RUNTIME, SPACE, Stage
from ineq.runtime.run import Run
from ineq.stages.controls import CONTROLS


def cost(study: Study, axes: Mapping[str, str], split_size: int) -> Work:
    """Passes of its model, and what it writes."""
    return Work(gradient=mapped(study, axes["method"]))


STAGE = Stage(
    name="controls_plugin",
    summary="Measure the same with a plug-in method.",
    axes=("model", "method"),
    # Below the folder of the stage before, since DVC wants what a list depends on to exist, whatever the study names.
    folder="controls",
    inputs={"sample": "sample.sample"},
    outputs=CONTROLS,
    parameters=(*RUNTIME, *SPACE, "attribution.seed", "plugins.options.{method}", "inequality"),
    card=(*NETWORK, "train.seed"),
    listed="plugins.models",
    plugin="method",
    cost=cost,
)


def main(run: Run) -> None:
    """Attribute on the model's network untrained, and on the images alone; write one row a control and image."""
    from ineq.attribution.controls import control_table
    from ineq.data.samplefile import read_sample
    from ineq.io.tables import write_table
    from ineq.models.job import distinct_networks, untrained_model
    from ineq.plugins.methods import register

    method = run.axes["method"]
    register(method)
    options = run.section(f"plugins.options.{method}")
    sample = read_sample(run.inputs["sample"])
    sample = sample.first(options.pop("images", len(sample.labels)))
    runtime, card = run.section("runtime"), run.section("card")
    options |= {"seed": run["attribution.seed"], **run.space}
    networks = {name: untrained_model(card, runtime) for name in distinct_networks({run.axes["model"]: card})}
    work = {"measures": run.section("inequality"), "batch_size": run.batch_size}
    write_table(run.outputs["controls"], control_table(networks, sample, method, **work, **options))
