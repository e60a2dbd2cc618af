"""Stage controls: the measures of inequality for untrained networks, and for the images alone."""

import pandas as pd

from ineq.attribution.controls import input_differences
from ineq.attribution.methods import attribute
from ineq.data.samplefile import read_sample
from ineq.inequality.table import measure
from ineq.io.tables import write_table
from ineq.models.job import distinct_networks, untrained_model
from ineq.pipeline.runner import Run, run_stage


def main(run: Run) -> None:
    """Attribute with every method of the study, and write one row a control, method and image."""
    whole = read_sample(run.inputs["sample"])
    cards = distinct_networks({name: run.parameters.section(f"card.{name}") for name in run["models"]})
    space = {"mean": run["data.mean"], "std": run["data.std"]}
    tables = []
    for method, models in run.parameters.section("maps").items():
        if not models:
            continue
        options = {"seed": run["attribution.seed"], **space, **run.parameters.section(f"attribution.{method}")}
        sample = whole.first(options.pop("images", len(whole.labels)))
        options["indices"] = sample.indices
        controls = {("input", ""): input_differences(sample.images, method, **options)}
        for name, card in cards.items():
            model = untrained_model(card, run["runtime.threads"])
            rows = {"batch_size": run["runtime.batch_size"]}
            controls["untrained", name] = attribute(model, sample.images, sample.labels, method, **rows, **options)
        for (control, architecture), maps in controls.items():
            about = {"control": control, "architecture": architecture, "method": method}
            table = measure(maps, sample.indices, **run.parameters.section("inequality"))
            tables.append(pd.DataFrame(about, index=table.index).join(table))
    write_table(run.outputs["controls"], pd.concat(tables))


if __name__ == "__main__":
    run_stage("controls", main)
