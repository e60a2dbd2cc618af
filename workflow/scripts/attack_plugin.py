"""Stage attack_plugin: a model's predictions under an attack of another package, guided, at random, and least."""

from ineq.pipeline.entry import Run, run_stage


def main(run: Run) -> None:
    """Attack, and write one row an image, place of attack and draw."""
    import pandas as pd

    from ineq.attribution.mapsfile import read_maps
    from ineq.data.samplefile import read_sample
    from ineq.io.rows import first
    from ineq.io.tables import write_table
    from ineq.models.job import load_model
    from ineq.plugins.attacks import attack_table
    from ineq.plugins.installed import find

    name = run.axes["attack"]
    attack = find("attack", name).load()
    maps = first(read_maps(run.inputs["maps"])[0], run["attack.images"])
    sample = read_sample(run.inputs["sample"]).first(len(maps))
    model = load_model(run.inputs["checkpoint"], run.parameters.section("card"), run.parameters.section("runtime"))
    size, progress, tables = run.batch_size, run.progress("images"), []
    for part, ranked in sample.parts_with(maps, size):
        table = attack_table(
            name,
            attack,
            model,
            part.images,
            part.labels,
            ranked,
            draws=run["attack.draws"],
            seed=run["attack.seed"],
            indices=part.indices,
            batch_size=size,
            options=run.parameters.section(f"plugins.options.{name}"),
        )
        tables.append(table)
        progress(min(len(tables) * size, len(maps)), len(maps))
    write_table(run.outputs["attack"], pd.concat(tables))


if __name__ == "__main__":
    run_stage("attack_plugin", main)
