"""Stage figures: every figure as SVG and PNG, and its words."""

from ineq.pipeline.entry import Run, run_stage


def main(run: Run) -> None:
    """Draw what the tables, maps and records of the study show."""
    from ineq.figures.build import build_figures
    from ineq.figures.read import read_findings
    from ineq.io.text import write_json

    found = read_findings(run.inputs, run["inequality.region"], run["inequality.importance"])
    words = build_figures(found, run["figures.images"], run.outputs)
    write_json(run.outputs["captions"], words)


if __name__ == "__main__":
    run_stage("figures", main)
