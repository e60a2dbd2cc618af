"""A model's predictions under an attack on random places: what a guided attack is compared with."""

from __future__ import annotations

from collections.abc import Mapping

from ineq.config.study import Study
from ineq.planning.contents import outcome
from ineq.planning.cost import Work, attacked_images, tries
from ineq.planning.stage import NETWORK, RUNTIME, Output, Stage
from ineq.runtime.run import Run


def cost(study: Study, axes: Mapping[str, str], split_size: int) -> Work:
    """Passes of its model, and what it writes."""
    passes = attacked_images(study) * tries(study, axes["attack"], guided=False)
    return Work(passes, disk=passes * 3)


# Random places depend on no map: once a model serves all methods, and at 3 draws they are most of the work.
STAGE = Stage(
    name="random_attack",
    summary="Attack random places at every budget: what guided attacks are compared with.",
    axes=("model", "attack"),
    folder="random_attack",
    inputs={"sample": "sample.sample", "checkpoint": "train.checkpoint"},
    outputs={"outcome": Output("outcome.h5", *outcome("random"))},
    parameters=(*RUNTIME, "attack.seed", "attack.draws", "attack.images", "{attack}"),
    # How important a region is, and how often a guided attack is repeated, decides nothing at random.
    unused=("inequality.importance", "attack.noise.repeats"),
    card=NETWORK,
    runs="attack",
    cost=cost,
)


def main(run: Run) -> None:
    """Attack, and write the outcome."""
    from ineq.attacks.outcome_file import write_outcome
    from ineq.attacks.registry import attack_of
    from ineq.attacks.sampled import sample_outcome
    from ineq.data.samplefile import read_sample
    from ineq.models.job import load_model

    sample = read_sample(run.inputs["sample"]).first(run["attack.images"])
    model = load_model(run.inputs["checkpoint"], run.section("card"), run.section("runtime"))
    attack = attack_of(run.axes["attack"], run.options)
    work = {"batch_size": run.batch_size, "progress": run.progress("images"), "draws": run["attack.draws"]}
    outcome = sample_outcome(attack, model, sample, None, where=("random",), **work, **run.draws)
    write_outcome(run.outputs["outcome"], outcome, stage="random_attack", parameters=run.parameters)
