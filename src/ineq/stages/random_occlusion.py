"""A model's predictions under occlusion of random regions, the twin of the guided one."""

from __future__ import annotations

from collections.abc import Mapping

from ineq.config.study import Study
from ineq.planning.cost import Work, attacked, cells
from ineq.planning.stage import NETWORK, RUNTIME, Output, Stage, columns
from ineq.runtime.run import Run


def cost(study: Study, axes: Mapping[str, str], split_size: int) -> Work:
    """Passes of its model, and what it writes."""
    passes = attacked(study) * cells(study) * study.parameters.attack.draws
    return Work(passes, disk=passes * 3)


# Random regions depend on no map: once a model serves all methods, and at 3 draws they are most of the work.
STAGE = Stage(
    name="random_occlusion",
    summary="Occlude random regions at every budget: what guided occlusion is compared with.",
    axes=("model",),
    folder="random_occlusion",
    inputs={"sample": "sample.sample", "checkpoint": "train.checkpoint"},
    outputs={
        "occlusion": Output(
            "occlusion.h5",
            columns("clean", "int16 (N)", "prediction on the untouched image"),
            columns(
                "random/black",
                "int16 (draws, N, count, radius)",
                "prediction at every budget: the first n regions of a random order under squares "
                "of radius r, for each colour of `attack.colors`",
            ),
            columns(
                "area/random",
                "float32 (draws, N, count, radius)",
                "share of pixels that the mask of that budget covers",
            ),
            columns(
                "unchanged/random/black",
                "bool (draws, N, count, radius)",
                "whether that mask in that colour changes no pixel",
            ),
            columns("labels, indices", "int64 (N)", "class; position in the split"),
        ),
    },
    parameters=(
        *(*RUNTIME, "inequality.region", "attack.seed", "attack.draws"),
        *("attack.images", "attack.count", "attack.radius", "attack.colors"),
    ),
    card=NETWORK,
    cost=cost,
)


def main(run: Run) -> None:
    """Attack at every budget, and write the predictions."""
    from math import ceil

    from ineq.attacks.occlusion import occlusion_record
    from ineq.attacks.recordfile import joined, write_record
    from ineq.data.samplefile import read_sample
    from ineq.models.forward import within
    from ineq.models.job import load_model

    sample = read_sample(run.inputs["sample"]).first(run["attack.images"])
    model = load_model(run.inputs["checkpoint"], run.section("card"), run.section("runtime"))
    budget = {key: run[f"attack.{key}"] for key in ("colors", "count", "radius")}
    size, progress, records = run.batch_size, run.progress("grids"), []
    for part in sample.parts(size):
        record = occlusion_record(
            model,
            part.images,
            None,
            region=run["inequality.region"],
            where=("random",),
            **budget,
            draws=run["attack.draws"],
            seed=run["attack.seed"],
            batch_size=size,
            indices=part.indices,
            progress=within(progress, len(records), ceil(len(sample.labels) / size)),
        )
        records.append(record)
    found = joined("random_occlusion", records)
    write_record(run.outputs["occlusion"], "random_occlusion", found, sample, budget, run.parameters)
