"""Stage attribute: a model's attribution maps on the sample, by one method."""

from collections.abc import Iterator

import numpy as np

from ineq.attribution.mapsfile import write_maps
from ineq.attribution.methods import attribute
from ineq.data.samplefile import read_sample
from ineq.io.rows import Made
from ineq.models.job import load_model
from ineq.pipeline.runner import Run, run_stage


def main(run: Run) -> None:
    """Attribute, and write the maps."""
    method = run.axes["method"]
    options = run.parameters.section(f"attribution.{method}")
    sample = read_sample(run.inputs["sample"])
    sample = sample.first(options.pop("images", len(sample.labels)))
    model = load_model(run.inputs["checkpoint"], run.parameters.section("card"), run.parameters.section("runtime"))
    size, progress = run["runtime.batch_size"], run.progress("images")
    options |= {"seed": run["attribution.seed"], "batch_size": size, "mean": run["data.mean"], "std": run["data.std"]}

    def parts() -> Iterator[np.ndarray]:
        done = 0
        for part in sample.parts(size):
            yield attribute(model, part.images, part.labels, method, indices=part.indices, **options)
            done += len(part.labels)
            progress(done, len(sample.labels))

    maps = Made(sample.images.shape, np.dtype(np.float32), parts())
    write_maps(run.outputs["maps"], maps, sample.indices, run.parameters)


if __name__ == "__main__":
    run_stage("attribute", main)
