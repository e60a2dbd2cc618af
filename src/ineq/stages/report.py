"""Every table and figure in one HTML file that needs nothing else."""

from __future__ import annotations

from ineq.config.card import Card
from ineq.config.schema import Parameters
from ineq.planning.stage import Output, Stage, document
from ineq.runtime.run import Run
from ineq.stages.figures import FIGURES
from ineq.stages.paper import PAPER
from ineq.stages.tables import TABLES

STAGE = Stage(
    name="report",
    summary="Put every table and figure, the parameters and the versions of packages on one page.",
    folder="report",
    inputs={
        **{f"{name}_table": f"tables.{name}" for name in TABLES},
        **{f"{name}_table": f"paper.{name}" for name in (*PAPER, "claims", "sensitivity")},
        **{name: f"figures.{name}" for name in (*FIGURES, "captions")},
        "gallery": "gallery.gallery",
        # Of records only what they say of packages is shown.
        "trained": "train.record",
        "attributed": "attribute.record",
        "drawn": "figures.record",
    },
    outputs={
        "report": Output(
            "/report.html",
            document(
                "HTML",
                "the claim with this run's numbers, the gallery, every table and figure, the "
                "paper's numbers and claims, deviations, parameters and versions of packages, in "
                "one file that needs no other",
            ),
        ),
    },
    parameters=tuple(name for name in Parameters.model_fields if name != "study"),
    card=tuple(Card.model_fields),
    # Every model, whichever stage made it.
    fan_in={"train": "models"},
)


def main(run: Run) -> None:
    """Put the tables, the figures, the parameters and the recorded versions of packages on one page."""
    import json

    from ineq.io.tables import read_table
    from ineq.report.content import SECTIONS, facts
    from ineq.report.page import Content, page

    records = [*run.inputs["trained"].values(), *run.inputs["attributed"].values(), run.inputs["drawn"]]
    known = facts(run.parameters, [json.loads(path.read_text(encoding="utf-8")) for path in records])
    ending = "_table"
    listed = {name.removesuffix(ending): path for name, path in run.inputs.items() if name.endswith(ending)}
    tables = {name: read_table(path, "tables") for name, path in listed.items()}
    figures = [name for section in SECTIONS for name in section.figures]
    drawn = {name: run.inputs[name].read_text(encoding="utf-8") for name in figures}
    words = json.loads(run.inputs["captions"].read_text(encoding="utf-8"))
    gallery = json.loads(run.inputs["gallery"].read_text(encoding="utf-8"))
    content = Content({**tables, **known}, drawn, words, gallery)
    run.outputs["report"].write_text(page(run.job.study.name, content), encoding="utf-8")
