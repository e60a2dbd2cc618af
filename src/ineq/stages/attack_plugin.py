"""A model's predictions under an attack of another package, guided, at random, and least."""

from __future__ import annotations

from collections.abc import Mapping

from ineq.config.study import Study
from ineq.planning.cost import Work, attacked
from ineq.planning.stage import NETWORK, RUNTIME, Output, Stage, columns
from ineq.runtime.run import Run


def cost(study: Study, axes: Mapping[str, str], split_size: int) -> Work:
    """Passes of its model, and what it writes."""
    # What is predicted; how much the attack itself does, nobody knows.
    return Work(attacked(study, axes["method"]) * (3 + study.parameters.attack.draws))


STAGE = Stage(
    name="attack_plugin",
    summary="Run a plug-in attack, guided by a map, and its random and least important twins.",
    axes=("model", "method", "attack"),
    # In this folder, which is there in every study.
    folder="robustness",
    inputs={"sample": "sample.sample", "checkpoint": "train.checkpoint", "maps": "attribute.maps"},
    outputs={
        "attack": Output(
            "attack.csv",
            columns("image, label, clean", "int", "position in the split; class; prediction on the untouched image"),
            columns("where", "any", "`important`, `random` or `least`"),
            columns("draw, prediction", "int", "draw of the random twin; prediction after the attack"),
        ),
    },
    parameters=(*RUNTIME, "attack.seed", "attack.images", "attack.draws", "plugins.options.{attack}"),
    card=NETWORK,
    listed="plugins.models",
    plugin="attack",
    cost=cost,
)


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
    model = load_model(run.inputs["checkpoint"], run.section("card"), run.section("runtime"))
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
            options=run.section(f"plugins.options.{name}"),
        )
        tables.append(table)
        progress(min(len(tables) * size, len(maps)), len(maps))
    write_table(run.outputs["attack"], pd.concat(tables))
