"""Stage report: every table and figure in one HTML file that needs nothing else."""

from ineq.pipeline.entry import Run, run_stage


def main(run: Run) -> None:
    """Put the tables, the figures, the parameters and the recorded versions of packages on one page."""
    import json

    from ineq.io.tables import read_table
    from ineq.report.content import SECTIONS, facts
    from ineq.report.page import Content, render

    records = [*run.inputs["trained"].values(), *run.inputs["attributed"].values(), run.inputs["drawn"]]
    known = facts(run.parameters, [json.loads(path.read_text(encoding="utf-8")) for path in records])
    ending = "_table"
    listed = {name.removesuffix(ending): path for name, path in run.inputs.items() if name.endswith(ending)}
    tables = {name: read_table(path, "tables") for name, path in listed.items()}
    figures = [name for section in SECTIONS for name in section.figures]
    drawn = {name: run.inputs[name].read_text(encoding="utf-8") for name in figures}
    words = json.loads(run.inputs["captions"].read_text(encoding="utf-8"))
    gallery = json.loads(run.inputs["gallery"].read_text(encoding="utf-8"))
    content = Content({**tables, **known}, drawn, words, gallery, run["tables.subpixels"])
    run.outputs["report"].write_text(render(run.job.study.name, content), encoding="utf-8")


if __name__ == "__main__":
    run_stage("report", main)
