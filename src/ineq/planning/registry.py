"""All stages, found in `ineq.stages`: what each reads, writes and depends on. No torch; both engines read this."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

import ineq.stages
from ineq.planning.stage import Stage


def _declared() -> dict[str, Stage]:
    """By name, as the modules lie in the folder."""
    modules = (module.name for module in iter_modules(ineq.stages.__path__) if not module.ispkg)
    return {name: import_module(f"ineq.stages.{name}").STAGE for name in modules}


def _ordered(declared: Mapping[str, Stage]) -> dict[str, Stage]:
    """Sources before what reads them, in the order in which they are read; those like another one right behind it."""
    ordered: dict[str, Stage] = {}

    def add(name: str) -> None:
        if name not in ordered:
            for before in _sources(declared[name]):
                add(before)
            ordered[name] = declared[name]
            for other in declared.values():
                if other.same_outputs_as == name:
                    add(other.name)

    read = {name for stage in declared.values() for name in _sources(stage)}
    for name in sorted(declared.keys() - read):
        add(declared[name].same_outputs_as or name)
    return ordered


def _sources(stage: Stage) -> list[str]:
    return [reference.partition(".")[0] for reference in stage.inputs.values()]


STAGES = _ordered(_declared())


def source(reference: str) -> tuple[Stage, str]:
    """The stage and the output's name that an input `stage.output` or `stage.output@key` refers to."""
    name, output = reference.split("@")[0].split(".")
    return STAGES[name], output
