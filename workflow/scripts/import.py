"""Stage import: a model that comes as a file, checked against its card and taken over."""

from ineq.pipeline.entry import Run, run_stage


def main(run: Run) -> None:
    """Check the file, and write it and its training log as a trained model's are."""
    from ineq.models.imports import take_over

    take_over(run.inputs["checkpoint"], run.outputs["checkpoint"], run.parameters.section("card"))
    run.outputs["log"].write_bytes(run.inputs["log"].read_bytes())


if __name__ == "__main__":
    run_stage("import", main)
