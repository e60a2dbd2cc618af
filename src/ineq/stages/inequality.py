"""Global and regional Gini, top shares and sparsity of every attribution map."""

from __future__ import annotations

from ineq.planning.stage import Output, Stage, columns
from ineq.runtime.run import Run

STAGE = Stage(
    name="inequality",
    summary="Measure global and regional Gini and sparsity of every attribution map.",
    axes=("model", "method"),
    folder="inequality",
    inputs={"maps": "attribute.maps"},
    outputs={
        "inequality": Output(
            "inequality.csv",
            columns("image", "int", "position in the split"),
            columns(
                "gini_global, gini_regional, sparsity",
                "float",
                "Gini index in [0, 1) of absolute values and of regions, empty for an all-zero "
                "map; share of values above `inequality.tolerance`",
            ),
            columns(
                "share_1, share_5, share_10",
                "float",
                "share of the sum of absolute values that the largest 1, 5 and 10 % of them (their "
                "number rounded up) hold, empty for an all-zero map",
            ),
        ),
    },
    parameters=("inequality",),
)


def main(run: Run) -> None:
    """Measure, and write one row an image; what is not defined for an all-zero map is left empty."""
    from ineq.attribution.mapsfile import read_maps
    from ineq.inequality.table import measure
    from ineq.io.tables import write_table

    maps, indices = read_maps(run.inputs["maps"])
    write_table(run.outputs["inequality"], measure(maps, indices, **run.section("inequality")))
