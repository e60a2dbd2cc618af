"""A model's accuracy without attack, under PGD and under AutoAttack."""

from __future__ import annotations

from collections.abc import Mapping

from ineq.config.study import Study
from ineq.planning.cost import Work
from ineq.planning.stage import EXACT, NETWORK, Output, Stage, columns
from ineq.runtime.run import Run

SEARCHED = {"forward": 7200, "gradient": 2000}
"""Passes that AutoAttack's standard version makes of an image that stands: 100 steps of APGD, 9 × 100 of its targeted
form and of FAB, 5000 queries of Square. Fewer of one that falls: what robustness takes is the most it can take."""


def cost(study: Study, axes: Mapping[str, str], split_size: int) -> Work:
    """Passes of its model, and what it writes."""
    attack, card = study.parameters.robustness, study.cards[axes["model"]].train
    trained_budget = card.norm not in ("none", "unknown") and (card.norm, card.epsilon) != ("linf", attack.epsilon)
    images = attack.images * (1 + trained_budget)
    return Work(images * SEARCHED["forward"], images * (SEARCHED["gradient"] + attack.steps))


STAGE = Stage(
    name="robustness",
    summary="Measure clean, PGD and AutoAttack accuracy at the common budget, and at the one a model was trained for.",
    axes=("model",),
    folder="robustness",
    inputs={"data": "data.data", "images": "subset.images", "checkpoint": "train.checkpoint"},
    outputs={
        "robustness": Output(
            "robustness.csv",
            columns("image", "int", "position in the split"),
            columns(
                "budget, norm",
                "any",
                "`common` to all models, or the `own` one of an adversarially trained model; `linf` or `l2`",
            ),
            columns("epsilon", "float", "budget in pixel values"),
            columns(
                "clean, pgd, autoattack",
                "int",
                "1 where the model is right: without attack, after PGD from one random start, after "
                "AutoAttack (standard version)",
            ),
        ),
    },
    # AutoAttack is a standard, and so are the numbers it is run in.
    parameters=(*EXACT, "eval.split", "robustness.epsilon", "robustness.steps", "robustness.seed"),
    card=(*NETWORK, "train.norm", "train.epsilon"),
    model_list="robustness.models",
    cost=cost,
)


def main(run: Run) -> None:
    """Attack the model at each budget, and write one row an image and budget."""
    from ineq.attacks.budgets import budgets
    from ineq.attacks.robustness import Settings, robustness
    from ineq.data.dataset import read_split
    from ineq.io.tables import read_table, write_table
    from ineq.models.job import load_model

    split = read_split(run.inputs["data"], run["eval.split"])
    indices = read_table(run.inputs["images"], "subset", ("image",))["image"].to_numpy()
    card = run.section("card")
    model = load_model(run.inputs["checkpoint"], card, run.section("runtime"))
    table = robustness(
        model,
        split.images[indices],
        split.labels[indices],
        indices,
        budgets(run["robustness.epsilon"], card["train"]),
        Settings(run["robustness.steps"], run["robustness.seed"], run.batch_size),
        report=run.say,
        progress=run.progress("attacks on an image"),
    )
    write_table(run.outputs["robustness"], table)
