"""Stage occlusion: a model's predictions under occlusion of its most and least important regions."""

from ineq.pipeline.entry import Run, run_stage


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
    model = load_model(run.inputs["checkpoint"], run.parameters.section("card"), run.parameters.section("runtime"))
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


if __name__ == "__main__":
    run_stage("occlusion", main)
