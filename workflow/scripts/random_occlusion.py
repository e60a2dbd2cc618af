"""Stage random_occlusion: a model's predictions under occlusion of random regions, the twin of the guided one."""

from ineq.pipeline.entry import Run, run_stage


def main(run: Run) -> None:
    """Attack at every budget, and write the predictions."""
    from math import ceil

    from ineq.attacks.occlusion import occlusion_record
    from ineq.attacks.recordfile import joined, write_record
    from ineq.data.samplefile import read_sample
    from ineq.models.forward import within
    from ineq.models.job import load_model

    sample = read_sample(run.inputs["sample"]).first(run["attack.images"])
    model = load_model(run.inputs["checkpoint"], run.parameters.section("card"), run.parameters.section("runtime"))
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


if __name__ == "__main__":
    run_stage("random_occlusion", main)
