"""The part of the schema that attribution methods have: which models get maps, and the options of each method."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ineq.config.fields import ALL, Names, Section, Seed, Whole, leaf


class Maps(Section):
    """Which models get attribution maps, per method."""

    integrated_gradients: Names = leaf("Models attributed, measured and attacked with Integrated Gradients.", base=ALL)
    input_x_gradient: Names = leaf("The same with Input×Gradient.", base=[])
    gradient_shap: Names = leaf("The same with GradientSHAP.", base=[])
    smoothgrad: Names = leaf("The same with SmoothGrad.", base=[])


class IntegratedGradients(Section):
    """Paper A.8."""

    steps: Whole = leaf("Gauss–Legendre steps from baseline to image.", base=20, unit="steps", ge=1)
    baseline: Literal["normal", "zero"] = leaf(
        "N(0, 1) field per image, or zero; both in normalised space.", base="normal"
    )


class GradientShap(Section):
    """Paper A.8; baseline zero in normalised space."""

    samples: Whole = leaf("Noisy images averaged.", base=10, unit="draws", ge=1)
    stdev: float = leaf("Standard deviation of the noise.", base=0.01, unit="normalised space", ge=0)


class SmoothGrad(Section):
    """Paper A.8."""

    images: Whole = leaf(
        "Sampled images that it is computed on, the first so many: it is slow.", base=200, unit="images", ge=1
    )
    samples: Whole = leaf("Noisy images averaged.", base=20, unit="draws", ge=1)
    stdev: float = leaf("Standard deviation of the noise.", base=0.2, unit="normalised space", ge=0)
    steps: Whole = leaf("Steps of its Integrated Gradients, from zero; unused with base `gradient`.", base=20, ge=1)
    base: Literal["integrated_gradients", "gradient"] = leaf(
        "Method whose maps are averaged.", base="integrated_gradients"
    )
    type: Literal["smoothgrad", "smoothgrad_sq"] = leaf(
        "Mean of the maps (paper), or of their squares.", base="smoothgrad"
    )


class Attribution(Section):
    """Attribution methods."""

    seed: Seed = leaf("Seed of baselines and noise inside attribution methods.", base=0)
    integrated_gradients: IntegratedGradients = Field(description="Integrated Gradients.")
    gradient_shap: GradientShap = Field(description="GradientSHAP.")
    smoothgrad: SmoothGrad = Field(description="SmoothGrad.")
