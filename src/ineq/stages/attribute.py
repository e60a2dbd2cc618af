"""A model's attribution maps on the sample, by one method."""

from __future__ import annotations

from collections.abc import Mapping

from ineq.config.study import Study
from ineq.planning.cost import Work, gradients, image_bytes, mapped_images
from ineq.planning.stage import NETWORK, RUNTIME, SPACE, Output, Stage, columns
from ineq.runtime.run import Run


def cost(study: Study, axes: Mapping[str, str], split_size: int) -> Work:
    """Passes of its model, and what it writes."""
    images = mapped_images(study, axes["method"])
    passes = images * gradients(study, axes["method"])
    return Work(gradient=passes, disk=image_bytes(study, images))


STAGE = Stage(
    name="attribute",
    summary="Attribute a model's decisions on the sample to the values of the images.",
    axes=("model", "method"),
    folder="attribute",
    inputs={"sample": "sample.sample", "checkpoint": "train.checkpoint"},
    outputs={
        "maps": Output(
            "maps.h5",
            columns("maps", "float32 (N, C, H, W)", "attribution of the label's logit to each value of the image"),
            columns("indices", "int64 (N)", "position in the split"),
        ),
    },
    parameters=(*RUNTIME, *SPACE, "attribution.seed", "{method}"),
    card=NETWORK,
    runs="method",
    cost=cost,
)


def main(run: Run) -> None:
    """Attribute, and write the maps."""
    from ineq.attribution.mapsfile import write_maps
    from ineq.attribution.registry import register
    from ineq.attribution.sampled import sample_maps
    from ineq.data.samplefile import read_sample
    from ineq.models.job import load_model

    method, options = run.axes["method"], run.options
    register(method)
    sample = read_sample(run.inputs["sample"])
    sample = sample.first(options.pop("images", len(sample.labels)))
    model = load_model(run.inputs["checkpoint"], run.section("card"), run.section("runtime"))
    options |= {"seed": run["attribution.seed"], **run.space}
    work = {"batch_size": run.batch_size, "progress": run.progress("images")}
    maps = sample_maps(model, sample, method, **work, **options)
    write_maps(run.outputs["maps"], maps, sample.indices, run.parameters)
