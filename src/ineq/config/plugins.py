"""The plug-ins that a study names: that they are there, and that each of them has something to do."""

from __future__ import annotations

from pathlib import Path

from ineq.config.options import BUILT_IN
from ineq.config.schema import Plugins
from ineq.errors import InputError, nearest
from ineq.installed import find


def check_plugins(plugins: Plugins, maps: list[tuple[str, str]], file: Path) -> None:
    """Raise `InputError` for what a study with these (model, method) pairs can't run; without plug-ins, none is sought.

    `file` gives the parameters, and is named. Nothing of a plug-in's code runs.
    """
    for kind, names in BUILT_IN.items():
        for name in getattr(plugins, f"{kind}s"):
            if name in names:
                raise InputError(f"{file}: 'plugins.{kind}s' names '{name}', which is built in")
    if both := set(plugins.methods) & set(plugins.attacks):
        raise InputError(f"{file}: '{min(both)}' is in 'plugins.methods' and in 'plugins.attacks', expected in one")
    _check_options(plugins, file)
    _check_lists(plugins, maps, file)
    for kind, names in {"method": plugins.methods, "attack": plugins.attacks}.items():
        for name in names:
            try:
                find(kind, name)
            except InputError as error:
                raise InputError(f"{file}: 'plugins.{kind}s' names '{name}': {error}") from None


def _check_options(plugins: Plugins, file: Path) -> None:
    named = [*plugins.methods, *plugins.attacks]
    for name in named:
        if name not in plugins.options:
            raise InputError(f"{file}: 'plugins.options' has no '{name}', expected its options, {{}} for none")
    for name in plugins.options:
        if name not in named:
            hint = nearest(name, named)
            raise InputError(f"{file}: 'plugins.options' has '{name}', which is no plug-in of this study{hint}")


def _check_lists(plugins: Plugins, maps: list[tuple[str, str]], file: Path) -> None:
    """A plug-in without models or maps would do nothing, and say nothing."""
    needed = {"methods": ("models",), "attacks": ("models", "maps")}
    for key, lists in needed.items():
        for other in lists:
            if getattr(plugins, key) and not getattr(plugins, other):
                raise InputError(f"{file}: 'plugins.{key}' names plug-ins, but 'plugins.{other}' is empty")
    for method in plugins.maps:
        for model in plugins.models:
            if (model, method) not in maps:
                known = sorted({name for one, name in maps if one == model})
                problem = f"names '{method}', but model '{model}' of 'plugins.models' has no such maps, only by "
                known_methods = f"{', '.join(known) or 'no method'}{nearest(method, known)}"
                raise InputError(f"{file}: 'plugins.maps' {problem}{known_methods}")
