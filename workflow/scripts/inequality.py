"""Stage inequality: global and regional Gini, top shares and sparsity of every attribution map."""

from ineq.pipeline.entry import Run, run_stage


def main(run: Run) -> None:
    """Measure, and write one row an image; what is not defined for an all-zero map is left empty."""
    from ineq.attribution.mapsfile import read_maps
    from ineq.inequality.table import measure
    from ineq.io.tables import write_table

    maps, indices = read_maps(run.inputs["maps"])
    write_table(run.outputs["inequality"], measure(maps, indices, **run.parameters.section("inequality")))


if __name__ == "__main__":
    run_stage("inequality", main)
