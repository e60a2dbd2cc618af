"""Stage robustness: a model's accuracy untouched, under PGD and under AutoAttack."""

from ineq.pipeline.entry import Run, run_stage


def main(run: Run) -> None:
    """Attack the model at each budget, and write one row an image and budget."""
    from ineq.attacks.budgets import budgets
    from ineq.attacks.robustness import Settings, robustness
    from ineq.data.checks import as_images, as_labels
    from ineq.data.dataset import read_split
    from ineq.device import device
    from ineq.io.tables import read_table, write_table
    from ineq.models.job import load_model

    split = read_split(run.inputs["data"], run["eval.split"])
    indices = read_table(run.inputs["images"], "subset", ("image",))["image"].to_numpy()
    card = run.parameters.section("card")
    model = load_model(run.inputs["checkpoint"], card, run.parameters.section("runtime"))
    images = as_images(split.images[indices], device())
    table = robustness(
        model,
        images,
        as_labels(split.labels[indices], images),
        indices,
        budgets(run["robustness.epsilon"], card["train"]),
        Settings(run["robustness.steps"], run["robustness.seed"], run.batch_size),
        report=run.say,
        progress=run.progress("attacks on an image"),
    )
    write_table(run.outputs["robustness"], table)


if __name__ == "__main__":
    run_stage("robustness", main)
