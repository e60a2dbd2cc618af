"""Stage sensitivity: a model's headline numbers under every convention that the paper leaves open."""

from ineq.pipeline.entry import Run, run_stage


def main(run: Run) -> None:
    """Measure and attack under each convention, and write one row a convention and image."""
    from math import ceil

    import pandas as pd

    from ineq.data.samplefile import read_sample
    from ineq.io.tables import write_table
    from ineq.models.forward import within
    from ineq.models.job import load_model
    from ineq.sensitivity.variants import Conventions, by_precision, sensitivity

    sample = read_sample(run.inputs["sample"]).first(run["sensitivity.images"])
    card, runtime = run.parameters.section("card"), run.parameters.section("runtime")
    models = by_precision(lambda kind: load_model(run.inputs["checkpoint"], card, {**runtime, "precision": kind}))
    attribution = run.parameters.section("attribution")
    seed = attribution.pop("seed")
    attribution["smoothgrad"].pop("images")
    conventions = Conventions(
        runtime["precision"],
        attribution,
        seed,
        run.parameters.section("inequality"),
        run["attack.seed"],
        run["attack.count"],
        run["attack.radius"],
        run["tables.subpixels"],
        **run.parameters.section("attack.noise"),
        space={"mean": run["data.mean"], "std": run["data.std"]},
    )
    size, progress, tables = run.batch_size, run.progress("conventions"), []
    for part in sample.parts(size):
        share = within(progress, len(tables), ceil(len(sample.labels) / size))
        tables.append(sensitivity(models, part, conventions, batch_size=size, progress=share))
    write_table(run.outputs["sensitivity"], pd.concat(tables))


if __name__ == "__main__":
    run_stage("sensitivity", main)
