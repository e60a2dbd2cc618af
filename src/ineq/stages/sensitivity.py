"""A model's headline numbers under every analysis variant: choices that the paper leaves open."""

from __future__ import annotations

from collections.abc import Mapping

from ineq.config.study import Study
from ineq.planning.cost import Work
from ineq.planning.stage import NETWORK, RUNTIME, SPACE, Output, Stage, columns
from ineq.runtime.run import Run
from ineq.sensitivity.names import VARIANTS


def cost(study: Study, axes: Mapping[str, str], split_size: int) -> Work:
    """Passes of its model, and what it writes."""
    options, attack = study.parameters, study.parameters.attack
    steps = 5 * options.attribution.integrated_gradients.steps + 2 * 50 + 2 * options.attribution.smoothgrad.samples
    grids = len(VARIANTS) * (attack.count * attack.radius + 2 * attack.noise.repeats)
    return Work(options.sensitivity.images * grids, options.sensitivity.images * steps)


STAGE = Stage(
    name="sensitivity",
    summary="Measure a model's headline numbers under every analysis variant: choices that the paper leaves open.",
    axes=("model",),
    folder="sensitivity",
    inputs={"sample": "sample.sample", "checkpoint": "train.checkpoint"},
    outputs={
        "sensitivity": Output(
            "sensitivity.csv",
            columns("variant", "any", "the choice that is changed; `as the study has it` for none"),
            columns(
                "image, label, black",
                "int",
                "position in the split; class; 1 where black occlusion at the full budget fools the model",
            ),
            columns(
                "gini_global, gini_regional, additive, replace",
                "float",
                "Ginis of the image's map; share of the repeats in which noise of that kind on "
                "`tables.subpixels` values fools the model",
            ),
        ),
    },
    parameters=(
        *RUNTIME,
        *SPACE,
        "attribution.seed",
        "attribution.integrated_gradients",
        "attribution.smoothgrad",
        "inequality",
        "attack.seed",
        "attack.count",
        "attack.radius",
        "attack.noise",
        "tables.subpixels",
        "sensitivity.images",
    ),
    card=NETWORK,
    model_list="sensitivity.models",
    cost=cost,
)


def main(run: Run) -> None:
    """Measure and attack under each variant, and write one row a variant and image."""
    from math import ceil

    import pandas as pd

    from ineq.data.samplefile import read_sample
    from ineq.io.tables import write_table
    from ineq.models.forward import subprogress
    from ineq.models.job import load_model
    from ineq.sensitivity.variants import StudyChoices, by_precision, sensitivity

    sample = read_sample(run.inputs["sample"]).first(run["sensitivity.images"])
    card, runtime = run.section("card"), run.section("runtime")
    models = by_precision(lambda kind: load_model(run.inputs["checkpoint"], card, {**runtime, "precision": kind}))
    attribution = run.section("attribution")
    seed = attribution.pop("seed")
    attribution["smoothgrad"].pop("images")
    choices = StudyChoices(
        runtime["precision"],
        attribution,
        seed,
        run.section("inequality"),
        run["attack.seed"],
        run["attack.count"],
        run["attack.radius"],
        run["tables.subpixels"],
        **run.section("attack.noise"),
        space=run.space,
    )
    size, progress, tables = run.batch_size, run.progress("variants"), []
    for part in sample.parts(size):
        share = subprogress(progress, len(tables), ceil(len(sample.labels) / size))
        tables.append(sensitivity(models, part, choices, batch_size=size, progress=share))
    write_table(run.outputs["sensitivity"], pd.concat(tables))
