"""The stages: what each reads, writes and depends on. Pure Python, no torch; both engines take their jobs from here.

To add a stage: an entry in one of the `stages_*` modules, a script `workflow/scripts/<stage>.py`, a rule in
`workflow/rules/`, its line in `docs/artefacts.md`; then `make generate` rewrites `dvc.yaml` and the documentation.
"""

from __future__ import annotations

from ineq.pipeline import stages_maps, stages_models, stages_results
from ineq.pipeline.stage import Stage
from ineq.pipeline.stages_results import FIGURES, PAPER, TABLES

__all__ = ["FIGURES", "METHODS", "PAPER", "STAGES", "TABLES", "source"]

METHODS = ("integrated_gradients", "input_x_gradient", "gradient_shap", "smoothgrad")
STAGES: dict[str, Stage] = {
    stage.name: stage for stage in (*stages_models.STAGES, *stages_maps.STAGES, *stages_results.STAGES)
}
"""By name, sources before what reads them."""


def source(reference: str) -> tuple[Stage, str]:
    """The stage and the output's name that an input `stage.output` or `stage.output@key` refers to."""
    name, output = reference.split("@")[0].split(".")
    return STAGES[name], output
