"""Stage tables: the tables and the headline numbers over all models."""

from ineq.pipeline.entry import Run, run_stage


def main(run: Run) -> None:
    """Read every per-image result that the study lists, and write the tables."""
    from ineq.io.tables import write_table
    from ineq.io.text import write_json
    from ineq.tables.build import build_tables
    from ineq.tables.metrics import headline
    from ineq.tables.read import read_results
    from ineq.tables.rows import Settings
    from ineq.tables.summary import markdown

    cards = {model: run.parameters.section(f"card.{model}") for model in run["models"]}
    results = read_results(run.inputs, cards)
    settings = Settings(**run.parameters.section("tables"))
    tables = build_tables(results, settings, run["audit.models"])
    for name, table in tables.items():
        write_table(run.outputs[name], table)
    write_json(run.outputs["metrics"], headline(tables, settings.subpixels))
    summary = markdown(tables, results.sample, settings)
    run.outputs["summary"].write_text(summary, encoding="utf-8")


if __name__ == "__main__":
    run_stage("tables", main)
