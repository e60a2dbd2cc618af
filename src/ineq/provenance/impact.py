"""What a change reruns: the stages that use a parameter or a piece of code, and all that lies downstream of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ineq.attribution.names import METHODS
from ineq.config.card import Card
from ineq.config.describe import fields
from ineq.config.makers import MAKERS
from ineq.config.options import BUILT_IN, models_key, option_keys
from ineq.config.schema import Parameters
from ineq.planning.jobs import Job
from ineq.planning.registry import STAGES, source
from ineq.planning.stage import OPTIONS, Stage
from ineq.provenance.code import PACKAGE, describe_job

Impact = tuple[list[str], str]
# What changes the list of jobs, beside the stages that use it.
LISTS = {
    "study": "everything: the results of a study lie apart from another's",
    "models": "jobs of the added models; controls, tables, paper, figures, gallery, report",
    **{f"{stage}.models": f"{stage} of the added models" for stage in MAKERS},
    "robustness.models": "robustness of the added models; tables, paper, figures, gallery, report",
    "classes.models": "classes of the added models; paper, report",
    "sensitivity.models": "sensitivity of the added models; paper, report",
    **{
        f"maps.{method}": "jobs of the added pairs; controls, transfer, tables, paper, figures, gallery, report"
        for method in METHODS
    },
    "plugins.models": "jobs of the plug-ins on the added models; transfer, tables, paper, figures, gallery, report",
    "plugins.methods": "jobs of the added methods; transfer, tables, paper, figures, gallery, report",
    "plugins.attacks": "jobs of the added attacks; tables, paper, figures, gallery, report",
    "plugins.maps": "attacks guided by the added maps; tables, paper, figures, gallery, report",
    "plugins.options": "jobs of just that plug-in, and what reads them; report",
}


def downstream(stages: Iterable[str]) -> list[str]:
    """The stages themselves and all that read, directly or not, what they write; in the registry's order."""
    affected = set(stages)
    for stage in STAGES.values():
        # Who reads what a stage writes, reads what a stage like it writes.
        written = {STAGES[name].same_outputs_as or name for name in affected}
        if any(source(reference)[0].name in written for reference in stage.inputs.values()):
            affected.add(stage.name)
    return [name for name in STAGES if name in affected]


def uses(stage: Stage, key: str) -> bool:
    """Whether a stage declares a leaf of `params.yaml`, or of a card (`card.…`)."""
    if key.startswith("card."):
        declared = [f"card.{section}" for section in stage.card]
    else:
        declared = [entry for entry in stage.parameters if entry not in OPTIONS] + _options(stage)
    return key == "study" or any(key == entry or key.startswith(f"{entry}.") for entry in declared)


def _options(stage: Stage) -> list[str]:
    """Leaves that are an option of some method or attack; of a plug-in the schema knows only that it has options."""
    kinds = [kind for kind in BUILT_IN if f"{{{kind}}}" in stage.parameters]
    keys = [key for kind in kinds for name in BUILT_IN[kind] for key in option_keys(kind, name)]
    models = [*map(models_key, METHODS), "plugins.models"] if "{models}" in stage.parameters else []
    return [key for key in (*keys, *["plugins.options"] * bool(kinds), *models) if key not in stage.unused]


def parameter_impact() -> dict[str, Impact]:
    """For every leaf the stages that use it, and what reruns."""
    keys = [key for key, _ in fields(Parameters)] + [f"card.{key}" for key, _ in fields(Card)]
    impact = {}
    for key in keys:
        direct = [stage.name for stage in STAGES.values() if uses(stage, key)]
        impact[key] = (direct, LISTS.get(key) or ", ".join(downstream(direct)) or "nothing")
    return impact


def code_impact(root: Path = Path(".")) -> dict[str, Impact]:
    """For every package folder and top-level module the stages that import something of it, and what reruns."""
    runs = {name: [(stage.runs, one) for one in BUILT_IN.get(stage.runs, ())] for name, stage in STAGES.items()}
    modules = {name: describe_job(name, of_stage, root)["modules"] for name, of_stage in runs.items()}
    impact = {}
    for path in sorted(PACKAGE.iterdir()):
        # A folder without a module is what an older checkout has left.
        if path.name.startswith("__") or not (any(path.glob("*.py")) or path.suffix == ".py"):
            continue
        name = f"ineq.{path.stem}"
        direct = [stage for stage, needed in modules.items() if any(f"{one}.".startswith(f"{name}.") for one in needed)]
        label = f"src/ineq/{path.name}" + ("/" if path.is_dir() else "")
        impact[label] = (direct, ", ".join(downstream(direct)) or "nothing")
    return impact


def jobs_downstream(jobs: list[Job], first: Iterable[Job]) -> list[Job]:
    """The jobs in `first` and all that read what they write."""
    written: set[Path] = set()
    affected = []
    starts = {job.name for job in first}
    for job in jobs:
        if job.name in starts or written & set(job.input_files):
            affected.append(job)
            written |= set(job.outputs.values())
    return affected
