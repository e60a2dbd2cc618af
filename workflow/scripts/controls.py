"""Stage controls: the measures of inequality for untrained networks, and for the images alone."""

from ineq.pipeline.entry import Run, run_stage


def main(run: Run) -> None:
    """Attribute with every method of the study, and write one row a control, method and image."""
    import pandas as pd

    from ineq.attribution.controls import control_table
    from ineq.data.samplefile import read_sample
    from ineq.io.tables import write_table
    from ineq.models.job import distinct_networks, untrained_model

    whole = read_sample(run.inputs["sample"])
    cards = {name: run.parameters.section(f"card.{name}") for name in run["models"]}
    space = {"mean": run["data.mean"], "std": run["data.std"]}
    runtime, tables = run.parameters.section("runtime"), []
    work = {"measures": run.parameters.section("inequality"), "batch_size": run.batch_size}
    for method, models in run.parameters.section("maps").items():
        if not models:
            continue
        options = {"seed": run["attribution.seed"], **space, **run.parameters.section(f"attribution.{method}")}
        sample = whole.first(options.pop("images", len(whole.labels)))
        networks = {
            name: untrained_model(card, runtime)
            for name, card in distinct_networks({model: cards[model] for model in models}).items()
        }
        tables.append(control_table(networks, sample, method, **work, **options))
    write_table(run.outputs["controls"], pd.concat(tables))


if __name__ == "__main__":
    run_stage("controls", main)
