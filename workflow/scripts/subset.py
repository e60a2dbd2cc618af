"""Stage subset: the images of the evaluation split that robustness is measured on."""

from ineq.pipeline.entry import Run, run_stage


def main(run: Run) -> None:
    """Draw, and write one row an image."""
    import pandas as pd

    from ineq.data.dataset import read_split
    from ineq.data.subset import draw_subset
    from ineq.io.tables import write_table

    labels = read_split(run.inputs["data"], run["eval.split"]).labels
    indices = draw_subset(labels, run["robustness.images"], run["robustness.seed"])
    write_table(run.outputs["images"], pd.DataFrame({"image": indices, "label": labels[indices]}))


if __name__ == "__main__":
    run_stage("subset", main)
