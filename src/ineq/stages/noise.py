"""A model's predictions under noise on the most important, random and least important values."""

from __future__ import annotations

from collections.abc import Mapping

from ineq.config.study import Study
from ineq.planning.cost import Work, attacked
from ineq.planning.stage import NETWORK, RUNTIME, SPACE, Output, Stage, columns
from ineq.runtime.run import Run


def cost(study: Study, axes: Mapping[str, str], split_size: int) -> Work:
    """Passes of its model, and what it writes."""
    attack = study.parameters.attack
    tries = 2 * len(attack.subpixels) * (2 * attack.noise.repeats + attack.draws)
    return Work(attacked(study, axes["method"]) * tries)


STAGE = Stage(
    name="noise",
    summary="Put noise on the most important values, and on random and the least important ones.",
    axes=("model", "method"),
    folder="noise",
    inputs={"sample": "sample.sample", "checkpoint": "train.checkpoint", "maps": "attribute.maps"},
    outputs={
        "noise": Output(
            "noise.h5",
            columns("clean", "int16 (N)", "prediction on the untouched image"),
            columns(
                "important, least",
                "int16 (2, subpixels, repeats, N)",
                "prediction under additive (Type I) and replacing (Type II) noise on the most and "
                "least important values",
            ),
            columns("random", "int16 (2, subpixels, draws, N)", "the same on random values"),
            columns("labels, indices", "int64 (N)", "class; position in the split"),
        ),
    },
    parameters=(*RUNTIME, *SPACE, "attack.seed", "attack.images", "attack.draws", "attack.subpixels", "attack.noise"),
    card=NETWORK,
    cost=cost,
)


def main(run: Run) -> None:
    """Attack, and write the predictions."""
    from ineq.attacks.names import KINDS
    from ineq.attacks.noise import noise_record
    from ineq.attacks.recordfile import joined, write_record
    from ineq.attribution.mapsfile import read_maps
    from ineq.data.samplefile import read_sample
    from ineq.io.rows import first
    from ineq.models.job import load_model

    maps = first(read_maps(run.inputs["maps"])[0], run["attack.images"])
    sample = read_sample(run.inputs["sample"]).first(len(maps))
    model = load_model(run.inputs["checkpoint"], run.section("card"), run.section("runtime"))
    size, progress, records = run.batch_size, run.progress("images"), []
    for part, ranked in sample.parts_with(maps, size):
        record = noise_record(
            model,
            part.images,
            part.labels,
            ranked,
            subpixels=run["attack.subpixels"],
            repeats=run["attack.noise.repeats"],
            draws=run["attack.draws"],
            clip=run["attack.noise.clip"],
            seed=run["attack.seed"],
            batch_size=size,
            indices=part.indices,
            **run.space,
        )
        records.append(record)
        progress(min(len(records) * size, len(maps)), len(maps))
    axes = {"kinds": list(KINDS), "subpixels": run["attack.subpixels"]}
    write_record(run.outputs["noise"], "noise", joined("noise", records), sample, axes, run.parameters)
