"""Which leaves of `params.yaml` are the options of an attribution method or an attack. No torch: planning reads it."""

from __future__ import annotations

from ineq.attribution.names import METHODS
from ineq.config.fields import section_of
from ineq.config.schema import Attack

DRAWS = ("attack.seed", "data.mean", "data.std")
"""What an attack depends on that draws noise."""
# Keys that are older than the sections of attacks. Squares are not drawn, so nothing of `DRAWS` moves them.
OLDER = {
    "noise": (*DRAWS, "attack.subpixels", "attack.noise.repeats", "attack.noise.clip"),
    "occlusion": (
        *("attack.count", "attack.radius", "attack.colors"),
        *("inequality.region", "inequality.importance"),
    ),
}
ATTACKS = tuple(dict.fromkeys([*OLDER, *(n for n, f in Attack.model_fields.items() if section_of(f.annotation))]))
"""Attacks of this package: each has a section in the schema, or older keys."""
BUILT_IN = {"method": METHODS, "attack": ATTACKS}


def option_keys(kind: str, name: str) -> tuple[str, ...]:
    """Leaves and sections that a "method" or an "attack" of that name depends on."""
    if name not in BUILT_IN[kind]:
        return (*(DRAWS if kind == "attack" else ()), f"plugins.options.{name}")
    return (f"attribution.{name}",) if kind == "method" else OLDER.get(name, (*DRAWS, f"attack.{name}"))


def models_key(method: str) -> str:
    """The leaf that lists the models that have maps by a method."""
    return f"maps.{method}" if method in METHODS else "plugins.models"
