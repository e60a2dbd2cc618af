"""`dvc.yaml`, generated from the registry: `make generate` writes it, a test compares it."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from itertools import product
from typing import Any

from ruamel.yaml import YAML

from ineq.config.fields import section_of
from ineq.config.options import BUILT_IN, models_key
from ineq.config.schema import Parameters
from ineq.engines.fan_in import fan_in_stages, list_template
from ineq.planning.registry import STAGES, source
from ineq.planning.stage import OPTIONS, Stage, model_leaf

CODE = "results/.code/{stage}.json"
RUNS = "results/.code/{kind}/{name}.json"
HEADER = """\
# Generated from src/ineq/stages/ by `make generate`; edit a stage's declaration, not this file.
# Two kinds of stages are DVC's alone: `code` writes what each stage's code means, and `*-inputs` list what a stage
# reads that takes in several models' results. A stage per method and attack: each depends on its own parameters.
# Plug-ins come from params.yaml alone: `plugin_methods` and `plugin_attacks` write what their code means, at every run,
# since what is installed lies outside the project; what only they need is a matrix over the lists of section `plugins`.
"""
PLUGIN = ""
"""In place of the name of a method or attack: the study's plug-ins, whichever they are."""
Names = Mapping[str, str]
"""Names of a method and an attack by kind, for which a stage of DVC's is."""


def dvc_yaml() -> str:
    """The text of `dvc.yaml`."""
    stages: dict[str, Any] = {"code": _code_stage()}
    stages |= {f"plugin_{kind}s": _plugin_stage(kind) for kind in BUILT_IN}
    for stage in STAGES.values():
        if stage in fan_in_stages():
            stages[f"{stage.name}-inputs"] = _list_stage(stage)
        for names in _variants(stage):
            stages["-".join([stage.name, *(name or "plugin" for name in names.values())])] = _stage(stage, names)
    stream = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 200
    yaml.dump({"stages": stages}, stream)
    return HEADER + stream.getvalue()


def _variants(stage: Stage) -> list[Names]:
    """For which methods and attacks a stage is there: every built-in one, and plug-ins whose names nobody knows here.

    A plug-in attack goes over the maps that section `plugins` names, of whatever method.
    """
    kinds = [kind for kind in BUILT_IN if kind in stage.axes]
    every = [dict(zip(kinds, names, strict=True)) for names in product(*((*BUILT_IN[kind], PLUGIN) for kind in kinds))]
    return [names for names in every if names.get("attack") != PLUGIN or not names.get("method")]


def _code_stage() -> dict[str, Any]:
    return {
        "desc": "Check the parameters, and write what the code of each stage means, so that a comment reruns nothing.",
        "cmd": "python workflow/scripts/list_code.py",
        # Every stage waits for this one, so that no name is put into a command, and no output removed, unchecked. Of
        # studies, it says whether params.yaml is older than its own.
        "deps": ["params.yaml", "studies", "src/ineq", "workflow/scripts", "requirements.lock"],
        "outs": [
            *(CODE.format(stage=name) for name in STAGES),
            *(RUNS.format(kind=kind, name=name) for kind, names in BUILT_IN.items() for name in names),
        ],
    }


def _plugin_stage(kind: str) -> dict[str, Any]:
    return {
        "desc": f"Write what the code of the plug-in {kind}s means: it lies outside the project, so at every run.",
        "matrix": {"name": f"${{plugins.{kind}s}}"},
        "cmd": f"python workflow/scripts/list_code.py --{kind} ${{item.name}}",
        # Not before the parameters are checked.
        "deps": [CODE.format(stage="attribute")],
        "outs": [RUNS.format(kind=kind, name="${item.name}")],
        "always_changed": True,
    }


def _list_stage(stage: Stage) -> dict[str, Any]:
    """Depends on whole folders, and is cheap; its output depends on the study's own files only."""
    sources = [entry for item in stage.inputs.values() if stage.fans_in(entry := source(item)[0])]
    folders = {f"results/${{item.study}}/{entry.folder}" for entry in sources}
    lists = [stage.goes_over(entry) for entry in sources] + ["models"] * bool(stage.card)
    return {
        "desc": f"List what `{stage.name}` reads of several models.",
        "matrix": {"study": ["${study}"]},
        "cmd": f"python workflow/scripts/list_inputs.py --stage {stage.name}",
        "deps": sorted(folders) + ["models/${item.study}"] * bool(stage.card),
        "params": ["study", *dict.fromkeys(lists), "maps", "plugins"],
        "outs": [_interpolate(list_template(stage))],
    }


def _stage(stage: Stage, names: Names) -> dict[str, Any]:
    """A stage for a method and an attack, as far as it has them."""
    outputs = {name: _interpolate(path, names) for name, path in stage.files.items()}
    deps = [CODE.format(stage=stage.name), *_inputs(stage, names), *_code_of(stage, names)]
    if stage in fan_in_stages():
        deps.append(_interpolate(list_template(stage)))
    entry = {
        "desc": stage.summary,
        "matrix": {"study": ["${study}"], **_matrix(stage, names)},
        "cmd": _interpolate(stage.command, names),
        "deps": deps,
        "params": _parameters(stage, names),
        "outs": [path for name, path in outputs.items() if name not in (*stage.metrics, *stage.plots)],
    }
    for kind, output_names in {"metrics": stage.metrics, "plots": stage.plots}.items():
        if output_names:
            entry[kind] = [outputs[name] for name in output_names]
    return entry


def _matrix(stage: Stage, names: Names) -> dict[str, str]:
    """The lists of `params.yaml` that the axes go over, which the names leave open."""
    method = names.get("method")
    plugins = {kind: f"${{plugins.{kind}s}}" for kind, name in names.items() if name == PLUGIN}
    if "method" in plugins and "attack" in plugins:
        plugins["method"] = "${plugins.maps}"
    if "model" not in stage.axes:
        return plugins
    models = f"maps.{method}" if method else "plugins.models" if plugins else stage.model_list
    return {"model": f"${{{models}}}", **plugins}


def _code_of(stage: Stage, names: Names) -> list[str]:
    """Where what the code means is written of the method or attack that it runs; of plug-ins not named, in its list."""
    if stage.runs and stage.runs not in stage.axes:
        return [RUNS.format(kind=stage.runs, name=name) for name in BUILT_IN[stage.runs]]
    name = names.get(stage.runs) or f"${{item.{stage.runs}}}"
    return [RUNS.format(kind=stage.runs, name=name)] if stage.runs else []


def _inputs(stage: Stage, names: Names) -> list[str]:
    """The inputs that are single files; the others come as one list."""
    paths = [_interpolate(template) for template in stage.source_files.values()]
    for reference in stage.inputs.values():
        entry, output = source(reference)
        if not stage.fans_in(entry):
            paths.append(_interpolate(entry.files[output], names, model_leaf(reference)))
    return paths


def _parameters(stage: Stage, names: Names) -> list[Any]:
    options = {kind: name or f"${{item.{kind}}}" for kind, name in names.items()}
    fixed = [key for key in stage.parameters if key not in OPTIONS]
    models = [models_key(names["method"])] if "{models}" in stage.parameters else []
    keys = ["study", *map(_interpolate, fixed), *stage.options(options), *models]
    entries: list[Any] = [key for key in dict.fromkeys(keys) if _exists(key)]
    if "model" in stage.axes and stage.card:
        entries.append({"models/${item.study}/${item.model}.yaml": list(stage.card)})
    return entries


def _exists(key: str) -> bool:
    """Whether the schema has this key: a method without parameters has none, and DVC refuses a key it can't find."""
    section: Any = Parameters
    for part in key.split("."):
        if part not in section.model_fields:
            return False
        section = section_of(section.model_fields[part].annotation)
        if section is None:
            # A leaf; what is below a plug-in's options is the study's own.
            break
    return True


def _interpolate(template: str, names: Names = {}, model: str = "") -> str:  # noqa: B006
    """`{model}` as DVC writes it, or the leaf `model` that names it; a built-in method or attack is spelled out."""
    template = re.sub(r"\{(\w+\.\w+)\}", r"${\1}", template)
    if template.startswith("${"):
        return template
    values = {kind: names.get(kind) or f"${{item.{kind}}}" for kind in BUILT_IN}
    return template.format(study="${item.study}", model=f"${{{model or 'item.model'}}}", **values)
