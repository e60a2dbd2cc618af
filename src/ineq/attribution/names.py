"""The attribution methods. No torch, for the registry of stages, the tables and the figures read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

METHODS = {
    "integrated_gradients": "Integrated Gradients",
    "input_x_gradient": "Input×Gradient",
    "gradient_shap": "GradientSHAP",
    "smoothgrad": "SmoothGrad",
}
"""The methods of the paper: each name with the title that people read."""
METHOD = "integrated_gradients"
"""The method of the paper's main results."""

GRADIENT = 3
"""Forward passes that take as long as one with the gradient of the input, about."""


def gradients(method: str, options: Mapping[str, Any]) -> int:
    """Gradients that one image's map takes; of another package's method one, since nobody knows how many more."""
    steps = options["steps"] if options.get("base", METHOD) == METHOD and "steps" in options else 1
    return steps * options.get("samples", 1) if method in METHODS else 1
