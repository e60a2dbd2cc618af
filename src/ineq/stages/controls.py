"""The measures of inequality for untrained networks, and for the images alone."""

from __future__ import annotations

from collections.abc import Mapping

from ineq.config.study import Study
from ineq.planning.cost import Work, gradients, mapped
from ineq.planning.stage import NETWORK, RUNTIME, SPACE, Output, Stage, columns
from ineq.runtime.run import Run

CONTROLS = {
    "controls": Output(
        "controls.csv",
        columns(
            "control, architecture, method",
            "any",
            "`untrained`: maps of a network with the weights that training starts from; "
            "`input`: abs(image − the method's baseline) with no network. Architecture and "
            "width, empty for `input`. Method",
        ),
        columns("image", "int", "position in the split"),
        columns("gini_global, gini_regional, sparsity, share_1, share_5, share_10", "float", "as in `inequality.csv`"),
    ),
}


def cost(study: Study, axes: Mapping[str, str], split_size: int) -> Work:
    """Passes of its model, and what it writes."""
    networks = {name: repr(card.architecture) + repr(card.normalisation) for name, card in study.cards.items()}
    distinct = {(method, networks[model]) for model, method in study.built_in_maps()}
    return Work(gradient=sum(mapped(study, method) * gradients(study, method) for method, _ in distinct))


STAGE = Stage(
    name="controls",
    summary="Measure the same on untrained networks, and on the images alone.",
    folder="controls",
    inputs={"sample": "sample.sample"},
    outputs=CONTROLS,
    parameters=(*RUNTIME, *SPACE, "models", "maps", "attribution", "inequality"),
    card=(*NETWORK, "train.seed"),
    cost=cost,
    # The longest jobs first: at the end no core should wait for one of them.
    priority=1,
)


def main(run: Run) -> None:
    """Attribute with every method of the study, and write one row a control, method and image."""
    import pandas as pd

    from ineq.attribution.controls import control_table
    from ineq.data.samplefile import read_sample
    from ineq.io.tables import write_table
    from ineq.models.job import distinct_networks, untrained_model

    whole = read_sample(run.inputs["sample"])
    cards = {name: run.section(f"card.{name}") for name in run["models"]}
    runtime, tables = run.section("runtime"), []
    work = {"measures": run.section("inequality"), "batch_size": run.batch_size}
    for method, models in run.section("maps").items():
        if not models:
            continue
        options = {"seed": run["attribution.seed"], **run.space, **run.section(f"attribution.{method}")}
        sample = whole.first(options.pop("images", len(whole.labels)))
        networks = {
            name: untrained_model(card, runtime)
            for name, card in distinct_networks({model: cards[model] for model in models}).items()
        }
        tables.append(control_table(networks, sample, method, **work, **options))
    write_table(run.outputs["controls"], pd.concat(tables))
