"""Stage controls_plugin: the measures of inequality for a method of another package on an untrained network."""

from ineq.pipeline.entry import Run, run_stage


def main(run: Run) -> None:
    """Attribute on the model's network untrained, and on the images alone; write one row a control and image."""
    from ineq.attribution.controls import control_table
    from ineq.data.samplefile import read_sample
    from ineq.io.tables import write_table
    from ineq.models.job import distinct_networks, untrained_model
    from ineq.plugins.methods import register

    method = run.axes["method"]
    register(method)
    options = run.parameters.section(f"plugins.options.{method}")
    sample = read_sample(run.inputs["sample"])
    sample = sample.first(options.pop("images", len(sample.labels)))
    runtime, card = run.parameters.section("runtime"), run.parameters.section("card")
    options |= {"seed": run["attribution.seed"], "mean": run["data.mean"], "std": run["data.std"]}
    networks = {name: untrained_model(card, runtime) for name in distinct_networks({run.axes["model"]: card})}
    work = {"measures": run.parameters.section("inequality"), "batch_size": run.batch_size}
    write_table(run.outputs["controls"], control_table(networks, sample, method, **work, **options))


if __name__ == "__main__":
    run_stage("controls_plugin", main)
