"""A model's attribution maps on the sample, by a method of another package."""

from __future__ import annotations

from ineq.planning.stage import NETWORK, RUNTIME, SPACE, Stage
from ineq.runtime.run import Run
from ineq.stages.attribute import MAPS, cost

STAGE = Stage(
    name="attribute_plugin",
    summary="Attribute a model's decisions on the sample with a plug-in method.",
    axes=("model", "method"),
    folder="attribute",
    inputs={"sample": "sample.sample", "checkpoint": "train.checkpoint"},
    outputs=MAPS,
    parameters=(*RUNTIME, *SPACE, "attribution.seed", "plugins.options.{method}"),
    card=NETWORK,
    listed="plugins.models",
    like="attribute",
    plugin="method",
    cost=cost,
)


def main(run: Run) -> None:
    """Attribute, and write the maps."""
    from ineq.attribution.mapsfile import write_maps
    from ineq.attribution.sampled import sample_maps
    from ineq.data.samplefile import read_sample
    from ineq.models.job import load_model
    from ineq.plugins.methods import register

    method = run.axes["method"]
    register(method)
    options = run.section(f"plugins.options.{method}")
    sample = read_sample(run.inputs["sample"])
    sample = sample.first(options.pop("images", len(sample.labels)))
    model = load_model(run.inputs["checkpoint"], run.section("card"), run.section("runtime"))
    options |= {"seed": run["attribution.seed"], **run.space}
    work = {"batch_size": run.batch_size, "progress": run.progress("images")}
    maps = sample_maps(model, sample, method, **work, **options)
    write_maps(run.outputs["maps"], maps, sample.indices, run.parameters)
