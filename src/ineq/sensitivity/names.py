"""Names in the table of analysis variants. No torch, for the paper's tables read it."""

from __future__ import annotations

from typing import Any

from ineq.attacks.names import KINDS
from ineq.inequality.names import GINIS

DEFAULT = "as the study has it"
"""The variant that the others are changes of."""
COLOR = "black"
STATISTICS = (*GINIS, *KINDS, COLOR)
"""Ginis of a map, then whether noise of each kind and black occlusion at the full budget fool the model."""
GRADIENTS = {"method": "smoothgrad", "options": {"base": "gradient"}}
# ASSUME(§3.1, §3.2, A.8): what the paper leaves open, one change a line; the study's own choice is the first.
VARIANTS: dict[str, dict[str, Any]] = {
    DEFAULT: {},
    "attribution seed + 1": {"seeds": 1},
    "attribution seed + 2": {"seeds": 2},
    "noise seed + 1": {"attack_seeds": 1},
    "regions by abs(a)": {"importance": "absolute"},
    "regions by max(a, 0)": {"importance": "positive"},
    "baseline zero": {"options": {"baseline": "zero"}},
    "50 steps": {"options": {"steps": 50}},
    "noise on the largest abs(a)": {"absolute": True},
    "noise not clipped": {"clip": False},
    "SmoothGrad of gradients": GRADIENTS,
    "SmoothGrad of gradients, squared": {**GRADIENTS, "options": {"base": "gradient", "type": "smoothgrad_sq"}},
    "in float32": {"precision": "float32"},
    "in bfloat16": {"precision": "bfloat16"},
    "authors' scripts": {"options": {"baseline": "zero", "steps": 50}, "importance": "positive"},
}
