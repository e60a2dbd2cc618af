"""Stage random_occlusion: a model's predictions under occlusion of random regions, the twin of the guided one."""

from ineq.attacks.occlusion import occlusion_record
from ineq.attacks.recordfile import write_record
from ineq.data.samplefile import read_sample
from ineq.models.job import load_model
from ineq.pipeline.runner import Run, run_stage


def main(run: Run) -> None:
    """Attack at every budget, and write the predictions."""
    sample = read_sample(run.inputs["sample"]).first(run["attack.images"])
    model = load_model(run.inputs["checkpoint"], run.parameters.section("card"), run["runtime.threads"])
    budget = {key: run[f"attack.{key}"] for key in ("colors", "count", "radius")}
    predictions = occlusion_record(
        model,
        sample.images,
        None,
        region=run["inequality.region"],
        where=("random",),
        **budget,
        draws=run["attack.draws"],
        seed=run["attack.seed"],
        batch_size=run["runtime.batch_size"],
        indices=sample.indices,
        progress=run.progress("grids"),
    )
    write_record(run.outputs["occlusion"], "random_occlusion", predictions, sample, budget, run.parameters)


if __name__ == "__main__":
    run_stage("random_occlusion", main)
