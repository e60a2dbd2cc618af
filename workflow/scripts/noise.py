"""Stage noise: a model's predictions under noise on the most important, random and least important values."""

from ineq.pipeline.entry import Run, run_stage


def main(run: Run) -> None:
    """Attack, and write the predictions."""
    from ineq.attacks.noise import KINDS, noise_record
    from ineq.attacks.recordfile import joined, write_record
    from ineq.attribution.mapsfile import read_maps
    from ineq.data.samplefile import read_sample
    from ineq.io.rows import first
    from ineq.models.job import load_model

    maps = first(read_maps(run.inputs["maps"])[0], run["attack.images"])
    sample = read_sample(run.inputs["sample"]).first(len(maps))
    model = load_model(run.inputs["checkpoint"], run.parameters.section("card"), run.parameters.section("runtime"))
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
            mean=run["data.mean"],
            std=run["data.std"],
        )
        records.append(record)
        progress(min(len(records) * size, len(maps)), len(maps))
    axes = {"kinds": list(KINDS), "subpixels": run["attack.subpixels"]}
    write_record(run.outputs["noise"], "noise", joined("noise", records), sample, axes, run.parameters)


if __name__ == "__main__":
    run_stage("noise", main)
