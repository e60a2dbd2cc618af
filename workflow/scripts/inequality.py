"""Stage inequality: global and regional Gini and sparsity of every attribution map."""

import pandas as pd

from ineq.attribution.mapsfile import read_maps
from ineq.inequality.measures import gini, regional_gini, sparsity
from ineq.io.tables import write_table
from ineq.pipeline.runner import Run, run_stage


def main(run: Run) -> None:
    """Measure, and write one row an image; the Gini of an all-zero map is not defined and left empty."""
    maps, indices = read_maps(run.inputs["maps"])
    columns = {
        "image": indices,
        "gini_global": gini(maps.reshape(len(maps), -1), zeros="nan"),
        "gini_regional": regional_gini(maps, run["inequality.region"], run["inequality.importance"], zeros="nan"),
        "sparsity": sparsity(maps, run["inequality.tolerance"]),
    }
    write_table(run.outputs["inequality"], pd.DataFrame(columns))


if __name__ == "__main__":
    run_stage("inequality", main)
