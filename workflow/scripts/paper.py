"""Stage paper: the paper's tables, numbers and claims beside what the study finds."""

from ineq.io.tables import read_table, write_table
from ineq.paper.claims import COLUMNS, verdicts
from ineq.paper.found import read_found
from ineq.paper.items import table
from ineq.paper.names import ITEMS
from ineq.paper.numbers import read_numbers
from ineq.paper.sensitivity import sensitivity_table
from ineq.paper.summary import markdown
from ineq.pipeline.runner import Run, run_stage
from ineq.tables.rows import Bootstrap


def main(run: Run) -> None:
    """Write a table for each of the paper's, the verdicts on its claims, and both as a page."""
    cards = {model: run.parameters.section(f"card.{model}") for model in run["models"]}
    found = read_found(run.inputs, cards, run["tables.subpixels"])
    numbers = read_numbers(run.inputs["numbers"], run["paper.dataset"])
    tables = {item.id: table(item.id, found, numbers) for item in ITEMS}
    for name, rows in tables.items():
        write_table(run.outputs[name], rows)
    bootstrap = Bootstrap(run["tables.seed"], run["tables.resamples"])
    conventions = sensitivity_table(found, bootstrap)
    write_table(run.outputs["sensitivity"], conventions)
    claims = verdicts(read_table(run.inputs["listed_claims"], "paper", COLUMNS), found, numbers)
    write_table(run.outputs["claims"], claims)
    run.outputs["summary"].write_text(markdown(tables, conventions, claims), encoding="utf-8")


if __name__ == "__main__":
    run_stage("paper", main)
