"""Stage transfer: images attacked on one model, shown to another."""

from ineq.pipeline.entry import Run, run_stage


def main(run: Run) -> None:
    """Attack every model of the list with its own maps, and write what became of each image on each of them."""
    import pandas as pd

    from ineq.attacks.transfer import COLUMNS, Budgets, transfer
    from ineq.attribution.mapsfile import read_maps
    from ineq.data.samplefile import read_sample
    from ineq.io.rows import first
    from ineq.io.tables import write_table
    from ineq.models.job import load_model

    runtime = run.parameters.section("runtime")
    models = {
        model: load_model(path, run.parameters.section(f"card.{model}"), runtime)
        for model, path in run.inputs["checkpoints"].items()
    }
    listed = {name: run[f"transfer.{name}"] for name in ("color", "cells", "subpixels")}
    noise, regions = run.parameters.section("attack.noise"), run.parameters.section("inequality")
    budgets = Budgets(**listed, **noise, region=regions["region"], importance=regions["importance"])
    draws = {"seed": run["attack.seed"], "mean": run["data.mean"], "std": run["data.std"]}
    whole, size = read_sample(run.inputs["sample"]), run.batch_size
    progress, tables = run.progress("sources"), []
    for number, (name, path) in enumerate(run.inputs["maps"].items(), 1):
        source, method = name.split("/")
        maps = first(read_maps(path)[0], run["attack.images"])
        sample = whole.first(len(maps))
        for part, ranked in sample.parts_with(maps, size):
            keys = {"indices": part.indices, "batch_size": size}
            table = transfer(source, models, part.images, part.labels, ranked, budgets, **keys, **draws)
            tables.append(table.assign(source=source, method=method))
        progress(number, len(run.inputs["maps"]))
    write_table(run.outputs["transfer"], pd.concat([pd.DataFrame(columns=list(COLUMNS)), *tables])[list(COLUMNS)])


if __name__ == "__main__":
    run_stage("transfer", main)
