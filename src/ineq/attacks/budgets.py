"""How far adversarial images may go, and what attacks of growing strength should show. No torch, for tables read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ATTACKS = ("clean", "pgd", "autoattack")
"""From the weakest to the strongest; "clean" is none."""
KEYS = ("budget", "norm", "epsilon")


@dataclass(frozen=True)
class Budget:
    """How far an attack may go: `epsilon` in pixel units, by `norm`."""

    norm: str
    epsilon: float

    def __str__(self) -> str:
        return f"{self.norm} ε = {self.epsilon:.4g}"


def budgets(epsilon: float, recipe: Mapping[str, Any]) -> dict[str, Budget]:
    """The budget common to all models, l∞, and the one that a model of this recipe was trained for, if any."""
    by_name = {"common": Budget("linf", epsilon)}
    if recipe["norm"] not in ("none", "unknown"):
        by_name["own"] = Budget(recipe["norm"], recipe["epsilon"])
    return by_name


def consistent(right: Mapping[str, int]) -> bool:
    """Whether AutoAttack ≤ PGD ≤ clean, in images right: otherwise an attack has missed what a weaker one found."""
    return right["autoattack"] <= right["pgd"] <= right["clean"]
