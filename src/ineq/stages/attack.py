"""A model's predictions under an attack on the most and the least important places of a map."""

from __future__ import annotations

from collections.abc import Mapping

from ineq.config.study import Study
from ineq.planning.contents import outcome
from ineq.planning.cost import Work, attacked_images, tries
from ineq.planning.stage import NETWORK, RUNTIME, Output, Stage
from ineq.runtime.run import Run


def cost(study: Study, axes: Mapping[str, str], split_size: int) -> Work:
    """Passes of its model, and what it writes."""
    passes = attacked_images(study, axes["method"]) * tries(study, axes["attack"], guided=True)
    return Work(passes, disk=passes * 3)


STAGE = Stage(
    name="attack",
    summary="Attack the most (and, with `attack.least`, the least) important places of a model's maps at every budget.",
    axes=("model", "method", "attack"),
    folder="attack",
    inputs={"sample": "sample.sample", "checkpoint": "train.checkpoint", "maps": "attribute.maps"},
    outputs={"outcome": Output("outcome.h5", *outcome("important", "least"))},
    parameters=(*RUNTIME, "attack.images", "attack.least", "{attack}"),
    card=NETWORK,
    runs="attack",
    cost=cost,
)


def main(run: Run) -> None:
    """Attack, and write the outcome."""
    from ineq.attacks.outcome_file import write_outcome
    from ineq.attacks.registry import attack_of
    from ineq.attacks.sampled import sample_outcome
    from ineq.attribution.mapsfile import read_maps
    from ineq.data.samplefile import read_sample
    from ineq.io.rows import first
    from ineq.models.job import load_model

    maps = first(read_maps(run.inputs["maps"])[0], run["attack.images"])
    sample = read_sample(run.inputs["sample"]).first(len(maps))
    model = load_model(run.inputs["checkpoint"], run.section("card"), run.section("runtime"))
    attack = attack_of(run.axes["attack"], run.options)
    places = ("important", "least") if run["attack.least"] else ("important",)
    work = {"batch_size": run.batch_size, "progress": run.progress("images")}
    outcome = sample_outcome(attack, model, sample, maps, where=places, **work, **run.draws)
    largest = {axis: values[-1] for axis, values in outcome.budgets.items()}
    if (outcome.covered["important"][outcome.place(largest)] == 1).all():
        budget = ", ".join(f"{axis} {value}" for axis, value in largest.items())
        run.say(f"warning: {budget} covers the whole image, so the largest budgets show chance")
    write_outcome(run.outputs["outcome"], outcome, stage="attack", parameters=run.parameters)
