"""Stage noise: a model's predictions under noise on the most important, random and least important values."""

from ineq.attacks.noise import KINDS, noise_record
from ineq.attacks.recordfile import write_record
from ineq.attribution.mapsfile import read_maps
from ineq.data.samplefile import read_sample
from ineq.models.job import load_model
from ineq.pipeline.runner import Run, run_stage


def main(run: Run) -> None:
    """Attack, and write the predictions."""
    maps = read_maps(run.inputs["maps"])[0][: run["attack.images"]]
    sample = read_sample(run.inputs["sample"]).first(len(maps))
    model = load_model(run.inputs["checkpoint"], run.parameters.section("card"), run["runtime.threads"])
    predictions = noise_record(
        model,
        sample.images,
        sample.labels,
        maps,
        subpixels=run["attack.subpixels"],
        repeats=run["attack.noise.repeats"],
        draws=run["attack.draws"],
        clip=run["attack.noise.clip"],
        seed=run["attack.seed"],
        batch_size=run["runtime.batch_size"],
        indices=sample.indices,
        progress=run.progress("images"),
        mean=run["data.mean"],
        std=run["data.std"],
    )
    axes = {"kinds": list(KINDS), "subpixels": run["attack.subpixels"]}
    write_record(run.outputs["noise"], "noise", predictions, sample, axes, run.parameters)


if __name__ == "__main__":
    run_stage("noise", main)
