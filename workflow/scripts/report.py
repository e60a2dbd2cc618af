"""Stage report: every table and figure in one HTML file that needs nothing else."""

import json

from ineq.io.tables import read_table
from ineq.pipeline.runner import Run, run_stage
from ineq.report.content import SECTIONS, facts
from ineq.report.page import render


def main(run: Run) -> None:
    """Put the tables, the figures, the parameters and the recorded versions of packages on one page."""
    records = [*run.inputs["trained"].values(), *run.inputs["attributed"].values(), run.inputs["drawn"]]
    known = facts(run.parameters, [json.loads(path.read_text(encoding="utf-8")) for path in records])
    named = [name for section in SECTIONS for name in section.tables if name not in known]
    tables = {name: read_table(run.inputs[f"{name}_table"], "tables") for name in named}
    figures = [name for section in SECTIONS for name in section.figures]
    drawn = {name: run.inputs[name].read_text(encoding="utf-8") for name in figures}
    words = json.loads(run.inputs["captions"].read_text(encoding="utf-8"))
    run.outputs["report"].write_text(render(run.job.study.name, {**tables, **known}, drawn, words), encoding="utf-8")


if __name__ == "__main__":
    run_stage("report", main)
