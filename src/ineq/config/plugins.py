"""The plug-ins that a study names: that they are there, and that each of them has something to do."""

from __future__ import annotations

from ineq.config.schema import Maps, Plugins
from ineq.errors import InputError, nearest
from ineq.plugins.installed import find

BUILT_IN = {"methods": tuple(Maps.model_fields), "attacks": ("noise", "occlusion")}


def check_plugins(plugins: Plugins, maps: list[tuple[str, str]]) -> None:
    """Raise `InputError` for what a study with these (model, method) pairs can't run; without plug-ins, none is sought.

    Nothing of a plug-in's code runs.
    """
    for key, names in {"methods": plugins.methods, "attacks": plugins.attacks}.items():
        for name in names:
            if name in BUILT_IN[key]:
                raise InputError(f"params.yaml: 'plugins.{key}' names '{name}', which is built in")
    if both := set(plugins.methods) & set(plugins.attacks):
        raise InputError(f"params.yaml: '{min(both)}' is in 'plugins.methods' and in 'plugins.attacks': wanted in one")
    _check_options(plugins)
    _check_lists(plugins, maps)
    for kind, names in {"method": plugins.methods, "attack": plugins.attacks}.items():
        for name in names:
            try:
                find(kind, name)
            except InputError as error:
                raise InputError(f"params.yaml: 'plugins.{kind}s' names '{name}': {error}") from None


def _check_options(plugins: Plugins) -> None:
    named = [*plugins.methods, *plugins.attacks]
    for name in named:
        if name not in plugins.options:
            raise InputError(f"params.yaml: 'plugins.options' has no '{name}': wanted its options, {{}} for none")
    for name in plugins.options:
        if name not in named:
            hint = nearest(name, named)
            raise InputError(f"params.yaml: 'plugins.options' has '{name}', which is no plug-in of this study{hint}")


def _check_lists(plugins: Plugins, maps: list[tuple[str, str]]) -> None:
    """A plug-in without models or maps would do nothing, and say nothing."""
    needed = {"methods": ("models",), "attacks": ("models", "maps")}
    for key, lists in needed.items():
        for other in lists:
            if getattr(plugins, key) and not getattr(plugins, other):
                raise InputError(f"params.yaml: 'plugins.{key}' names plug-ins, but 'plugins.{other}' is empty")
    for method in plugins.maps:
        for model in plugins.models:
            if (model, method) not in maps:
                known = sorted({name for one, name in maps if one == model})
                found = f"names '{method}', but model '{model}' of 'plugins.models' has no such maps, only by "
                there = f"{', '.join(known) or 'no method'}{nearest(method, known)}"
                raise InputError(f"params.yaml: 'plugins.maps' {found}{there}")
