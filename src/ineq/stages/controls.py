"""The measures of inequality for untrained networks, and for the images alone, by one method."""

from __future__ import annotations

from collections.abc import Mapping

from ineq.config.study import Study
from ineq.planning.cost import Work, gradients, mapped_images
from ineq.planning.stage import NETWORK, RUNTIME, SPACE, Output, Stage, columns
from ineq.runtime.run import Run


def cost(study: Study, axes: Mapping[str, str], split_size: int) -> Work:
    """Passes of its model, and what it writes."""
    method = axes["method"]
    cards = [study.cards[model] for model, other in study.maps() if other == method]
    networks = {repr(card.architecture) + repr(card.normalisation) for card in cards}
    return Work(gradient=len(networks) * mapped_images(study, method) * gradients(study, method))


STAGE = Stage(
    name="controls",
    summary="Measure the same on untrained networks, and on the images alone, by one method.",
    axes=("method",),
    folder="controls",
    inputs={"sample": "sample.sample"},
    outputs={
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
            columns(
                "gini_global, gini_regional, sparsity, share_1, share_5, share_10", "float", "as in `inequality.csv`"
            ),
        ),
    },
    parameters=(*RUNTIME, *SPACE, "attribution.seed", "{method}", "{models}", "inequality"),
    card=(*NETWORK, "train.seed"),
    runs="method",
    cost=cost,
)


def main(run: Run) -> None:
    """Attribute with the method, and write one row a control and image; none where no model has maps by it."""
    from ineq.attribution.controls import control_table
    from ineq.attribution.registry import register
    from ineq.data.samplefile import read_sample
    from ineq.io.tables import write_table
    from ineq.models.job import distinct_networks, untrained_model

    method, options = run.axes["method"], run.options
    register(method)
    sample = read_sample(run.inputs["sample"])
    sample = sample.first(options.pop("images", len(sample.labels)) if run.models else 0)
    cards = distinct_networks({model: run.section(f"card.{model}") for model in run.models})
    networks = {name: untrained_model(card, run.section("runtime")) for name, card in cards.items()}
    options |= {"seed": run["attribution.seed"], **run.space}
    work = {"measures": run.section("inequality"), "batch_size": run.batch_size}
    write_table(run.outputs["controls"], control_table(networks, sample, method, **work, **options))
