"""`dvc.yaml`, generated from the registry: `make generate` writes it, a test compares it."""

from __future__ import annotations

import io
import re
from typing import Any

from ruamel.yaml import YAML

from ineq.attribution.names import METHODS
from ineq.config.fields import section_of
from ineq.config.schema import Parameters
from ineq.engines.fan_in import fan_in_stages, list_template
from ineq.planning.registry import STAGES, source
from ineq.planning.stage import Stage, chosen

CODE = "results/.code/{stage}.json"
PLUGIN = "results/.code/plugins/{plugin}.json"
HEADER = """\
# Generated from src/ineq/planning/registry.py by `make generate`; edit the registry, not this file.
# Two kinds of stages are DVC's alone: `code` writes what each stage's code means, and `*-inputs` list what a stage
# reads that takes in several models' results. A stage per method, because each depends on its own method's parameters.
# Plug-ins come from params.yaml alone: `plugin_methods` and `plugin_attacks` write what their code means, at every run,
# since what is installed lies outside the project; what only they need is a matrix over the lists of section `plugins`.
"""
# What stands in a matrix for each axis of a plug-in's jobs.
PLUGIN_AXES = {"model": "${plugins.models}", "method": "${plugins.methods}"}
ATTACK_AXES = {"model": "${plugins.models}", "method": "${plugins.maps}", "attack": "${plugins.attacks}"}


def dvc_yaml() -> str:
    """The text of `dvc.yaml`."""
    stages: dict[str, Any] = {"code": _code_stage()}
    stages |= {f"plugin_{kind}": _plugin_stage(kind) for kind in ("methods", "attacks")}
    for stage in STAGES.values():
        if stage in fan_in_stages():
            stages[f"{stage.name}-inputs"] = _list_stage(stage)
        if "method" not in stage.axes or stage.plugin:
            stages[stage.name] = _stage(stage)
            continue
        stages |= {f"{stage.name}-{method}": _stage(stage, method) for method in METHODS}
        if not stage.built_in:
            stages[f"{stage.name}-plugin"] = _stage(stage)
    stream = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 200
    yaml.dump({"stages": stages}, stream)
    return HEADER + stream.getvalue()


def _code_stage() -> dict[str, Any]:
    return {
        "desc": "Check the parameters, and write what the code of each stage means, so that a comment reruns nothing.",
        "cmd": "python workflow/scripts/list_code.py",
        # Every stage waits for this one, so that no name is put into a command, and no output removed, unchecked.
        "deps": ["params.yaml", "src/ineq", "workflow/scripts", "requirements.lock"],
        "outs": [CODE.format(stage=name) for name in STAGES],
    }


def _plugin_stage(kind: str) -> dict[str, Any]:
    return {
        "desc": f"Write what the code of the plug-in {kind} means: it lies outside the project, so at every run.",
        "matrix": {"name": f"${{plugins.{kind}}}"},
        "cmd": "python workflow/scripts/list_code.py --plugin ${item.name}",
        # Not before the parameters are checked.
        "deps": [CODE.format(stage="attribute_plugin")],
        "outs": [PLUGIN.format(plugin="${item.name}")],
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


def _stage(stage: Stage, method: str | None = None) -> dict[str, Any]:
    """A stage for one built-in method; or without it for no method, or for those of plug-ins."""
    outputs = {name: _interpolate(path, method) for name, path in stage.files.items()}
    deps = [CODE.format(stage=stage.name), *_inputs(stage, method)]
    if stage.plugin:
        deps.append(PLUGIN.format(plugin=f"${{item.{stage.plugin}}}"))
    if stage in fan_in_stages():
        deps.append(_interpolate(list_template(stage)))
    entry = {
        "desc": stage.summary,
        "matrix": {"study": ["${study}"], **_matrix(stage, method)},
        "cmd": _interpolate(stage.command, method),
        "deps": deps,
        "params": _parameters(stage, method),
        "outs": [path for name, path in outputs.items() if name not in (*stage.metrics, *stage.plots)],
    }
    for kind, names in {"metrics": stage.metrics, "plots": stage.plots}.items():
        if names:
            entry[kind] = [outputs[name] for name in names]
    return entry


def _matrix(stage: Stage, method: str | None) -> dict[str, str]:
    if "attack" in stage.axes:
        return ATTACK_AXES
    if "method" in stage.axes:
        return {"model": f"${{maps.{method}}}"} if method else PLUGIN_AXES
    return {"model": f"${{{stage.listed}}}"} if "model" in stage.axes else {}


def _inputs(stage: Stage, method: str | None) -> list[str]:
    """The inputs that are single files; the others come as one list."""
    found = [_interpolate(template) for template in stage.given.values()]
    for reference in stage.inputs.values():
        entry, output = source(reference)
        if not stage.fans_in(entry):
            found.append(_interpolate(entry.files[output], method, chosen(reference)))
    return found


def _parameters(stage: Stage, method: str | None) -> list[Any]:
    keys = [_interpolate(key, method) for key in ("study", *stage.parameters)]
    own: list[Any] = [key for key in keys if _exists(key)]
    if "model" in stage.axes and stage.card:
        own.append({"models/${item.study}/${item.model}.yaml": list(stage.card)})
    return own


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


def _interpolate(template: str, method: str | None = None, model: str = "") -> str:
    """`{model}` as DVC writes it, or the leaf `model` that names it; the method is spelled out."""
    template = re.sub(r"\{(\w+\.\w+)\}", r"${\1}", template)
    if template.startswith("${"):
        return template
    values = {"method": method or "${item.method}", "attack": "${item.attack}"}
    return template.format(study="${item.study}", model=f"${{{model or 'item.model'}}}", **values)
