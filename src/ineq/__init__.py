"""How unequal, and how fragile, is an adversarially trained model?

Light to import: torch comes in with the first function that needs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ineq.errors import InputError

if TYPE_CHECKING:
    from ineq.attacks.noise import noise_attack
    from ineq.attacks.occlusion import occlusion_attack
    from ineq.attribution.registry import attribute
    from ineq.inequality.measures import gini, regional_gini, sparsity
    from ineq.model_audit.run import audit
    from ineq.models.normalized import Normalized

    __version__: str

__all__ = [
    "InputError",
    "Normalized",
    "attribute",
    "audit",
    "gini",
    "noise_attack",
    "occlusion_attack",
    "regional_gini",
    "sparsity",
]

_HOMES = {
    "Normalized": "ineq.models.normalized",
    "attribute": "ineq.attribution.registry",
    "audit": "ineq.model_audit.run",
    "gini": "ineq.inequality.measures",
    "noise_attack": "ineq.attacks.noise",
    "occlusion_attack": "ineq.attacks.occlusion",
    "regional_gini": "ineq.inequality.measures",
    "sparsity": "ineq.inequality.measures",
}


def __getattr__(name: str) -> Any:
    """The public name, fetched from its module when first asked for."""
    if name == "__version__":
        value: Any = import_module("importlib.metadata").version("ineq")
    elif name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module 'ineq' has no attribute '{name}'")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
