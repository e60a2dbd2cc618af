"""Stage paper: the paper's tables, numbers and claims beside what the study finds."""

from ineq.pipeline.entry import Run, run_stage


def main(run: Run) -> None:
    """Write a table for each of the paper's, the verdicts on its claims, and both as a page."""
    from ineq.figures.dots import dots
    from ineq.figures.save import save
    from ineq.figures.style import use
    from ineq.io.tables import read_table, write_table
    from ineq.paper.claims import COLUMNS, verdicts
    from ineq.paper.found import read_found
    from ineq.paper.items import table
    from ineq.paper.names import ITEMS
    from ineq.paper.numbers import read_numbers
    from ineq.paper.sensitivity import sensitivity_table
    from ineq.paper.summary import agreement, markdown
    from ineq.tables.rows import Bootstrap

    cards = {model: run.parameters.section(f"card.{model}") for model in run["models"]}
    found = read_found(run.inputs, cards, run["tables.subpixels"])
    numbers = read_numbers(run.inputs["numbers"], run["paper.dataset"])
    tables = {item.id: table(item.id, found, numbers) for item in ITEMS}
    bootstrap = Bootstrap(run["tables.seed"], run["tables.resamples"])
    conventions = sensitivity_table(found, bootstrap)
    write_table(run.outputs["sensitivity"], conventions)
    claims = verdicts(read_table(run.inputs["listed_claims"], "paper", COLUMNS), found, numbers)
    write_table(run.outputs["claims"], claims)
    use()
    for name, place, title in ITEMS:
        write_table(run.outputs[name], tables[name])
        svg, png = run.outputs[f"{name}_svg"], run.outputs[f"{name}_png"]
        save(dots(tables[name]), name, svg, png, f"{place}: {title}", agreement(name, tables[name], claims))
    run.outputs["summary"].write_text(markdown(tables, conventions, claims), encoding="utf-8")


if __name__ == "__main__":
    run_stage("paper", main)
