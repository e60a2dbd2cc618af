"""Stage data: the images and labels of the study, split into training and test images."""

from ineq.pipeline.entry import Run, run_stage


def main(run: Run) -> None:
    """Read the source and write `data.h5`."""
    from ineq.data.dataset import write_dataset
    from ineq.data.sources import INDEXES, SOURCES

    name, options = run["data.name"], {}
    if name in INDEXES:
        options = {"resize": run["data.resize"]}
    source = {**SOURCES, **INDEXES}[name]
    dataset = source(
        run.inputs["source"],
        run["data.shape"],
        held_out=run["data.held_out"],
        seed=run["data.seed"],
        report=run.say,
        **options,
    )
    write_dataset(run.outputs["data"], dataset, run.parameters)


if __name__ == "__main__":
    run_stage("data", main)
