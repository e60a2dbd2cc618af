"""Images attacked on one model, shown to another."""

from __future__ import annotations

from collections.abc import Mapping

from ineq.config.study import Study
from ineq.planning.cost import Work
from ineq.planning.stage import NETWORK, RUNTIME, SPACE, Output, Stage, columns
from ineq.runtime.run import Run


def cost(study: Study, axes: Mapping[str, str], split_size: int) -> Work:
    """Passes of its model, and what it writes."""
    transfer, attack = study.parameters.transfer, study.parameters.attack
    tries = sum(budget.count * budget.radius for budget in transfer.budgets) + 2 * attack.noise.repeats
    sources = [model for model, _ in study.maps() if model in transfer.models]
    return Work(len(sources) * attack.images * (tries + len(transfer.models) * (len(transfer.budgets) + 2)))


STAGE = Stage(
    name="transfer",
    summary="Show images that were attacked on one model to another.",
    folder="transfer",
    inputs={"sample": "sample.sample", "checkpoints": "train.checkpoint", "maps": "attribute.maps"},
    outputs={
        "transfer": Output(
            "transfer.csv",
            columns(
                "source, method, target",
                "any",
                "model attacked with its own map, by method; model that is shown what was attacked",
            ),
            columns("attack, setting", "any", "`noise` or `occlusion`; kind of noise or colour"),
            columns("subpixels, count, radius", "float", "budget, whole numbers; empty for the other attack"),
            columns("repeat, image", "int", "noise field; position in the split"),
            columns(
                "source_right, source_fooled, target_right, fooled",
                "int",
                "1 where the source is right without attack, and wrong after the attack; the target is "
                "right without attack, and wrong on what was attacked on the source (its last image "
                "where that failed)",
            ),
        ),
    },
    parameters=(
        *RUNTIME,
        *SPACE,
        "inequality.region",
        "inequality.importance",
        "attack.seed",
        "attack.images",
        "attack.noise",
        "transfer",
        "maps",
    ),
    card=NETWORK,
    fan_in={"train": "transfer.models", "attribute": "transfer.models"},
    cost=cost,
)


def main(run: Run) -> None:
    """Attack every model of the list with its own maps, and write what became of each image on each of them."""
    import pandas as pd

    from ineq.attacks.transfer import COLUMNS, Budgets, transfer
    from ineq.attribution.mapsfile import read_maps
    from ineq.data.samplefile import read_sample
    from ineq.io.rows import first
    from ineq.io.tables import write_table
    from ineq.models.job import load_model

    runtime = run.section("runtime")
    models = {
        model: load_model(path, run.section(f"card.{model}"), runtime)
        for model, path in run.inputs["checkpoints"].items()
    }
    budget_lists = {name: run[f"transfer.{name}"] for name in ("color", "budgets", "subpixels")}
    noise, regions = run.section("attack.noise"), run.section("inequality")
    budgets = Budgets(**budget_lists, **noise, region=regions["region"], importance=regions["importance"])
    draws = {"seed": run["attack.seed"], **run.space}
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
