"""A model's predictions under occlusion of its most and least important regions."""

from __future__ import annotations

from collections.abc import Mapping

from ineq.config.study import Study
from ineq.planning.cost import Work, attacked, cells
from ineq.planning.stage import NETWORK, RUNTIME, Output, Stage, columns
from ineq.runtime.run import Run


def cost(study: Study, axes: Mapping[str, str], split_size: int) -> Work:
    """Passes of its model, and what it writes."""
    passes = attacked(study, axes["method"]) * cells(study) * 2
    return Work(passes, disk=passes * 3)


STAGE = Stage(
    name="occlusion",
    summary="Occlude the most and the least important regions at every budget.",
    axes=("model", "method"),
    folder="occlusion",
    inputs={"sample": "sample.sample", "checkpoint": "train.checkpoint", "maps": "attribute.maps"},
    outputs={
        "occlusion": Output(
            "occlusion.h5",
            columns("clean", "int16 (N)", "prediction on the untouched image"),
            columns(
                "important/black, least/black",
                "int16 (N, count, radius)",
                "prediction at every budget: the first n regions by importance under squares of radius r",
            ),
            columns(
                "area/important, area/least",
                "float32 (N, count, radius)",
                "share of pixels that the mask of that budget covers",
            ),
            columns(
                "unchanged/important/black, unchanged/least/black",
                "bool (N, count, radius)",
                "whether that mask in that colour changes no pixel",
            ),
            columns("labels, indices", "int64 (N)", "class; position in the split"),
        ),
    },
    parameters=(
        *RUNTIME,
        *("inequality.region", "inequality.importance"),
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
    from ineq.attribution.mapsfile import read_maps
    from ineq.data.samplefile import read_sample
    from ineq.io.rows import first
    from ineq.models.forward import within
    from ineq.models.job import load_model

    maps = first(read_maps(run.inputs["maps"])[0], run["attack.images"])
    sample = read_sample(run.inputs["sample"]).first(len(maps))
    if run["attack.radius"] >= max(maps.shape[2:]):
        run.say(f"warning: radius {run['attack.radius']} covers the whole image, so the largest budgets show chance")
    model = load_model(run.inputs["checkpoint"], run.section("card"), run.section("runtime"))
    budget = {key: run[f"attack.{key}"] for key in ("colors", "count", "radius")}
    size, progress, records = run.batch_size, run.progress("grids"), []
    for part, ranked in sample.parts_with(maps, size):
        record = occlusion_record(
            model,
            part.images,
            ranked,
            region=run["inequality.region"],
            importance=run["inequality.importance"],
            where=("important", "least"),
            **budget,
            batch_size=size,
            progress=within(progress, len(records), ceil(len(maps) / size)),
        )
        records.append(record)
    write_record(run.outputs["occlusion"], "occlusion", joined("occlusion", records), sample, budget, run.parameters)
