"""What jobs take, counted: the parts that the stages' estimates are made of."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from ineq.attacks.names import KINDS
from ineq.attribution.names import gradients as method_gradients
from ineq.config.study import Study

FLOAT = 4
"""Bytes of a number in images and maps."""


class Work(NamedTuple):
    """Passes of single images through a job's model, and bytes that it writes."""

    forward: float = 0
    gradient: float = 0
    disk: float = 0


def image_bytes(study: Study, images: int) -> float:
    """Bytes of so many images, or maps of them."""
    return images * prod(study.parameters.data.shape) * FLOAT


def mapped_images(study: Study, method: str) -> int:
    """Sampled images that a method makes maps of."""
    parameters, size = study.parameters, study.parameters.sample.size
    smoothgrad = parameters.attribution.smoothgrad.model_dump()
    options = {"smoothgrad": smoothgrad, **parameters.plugins.options}.get(method, {})
    return min(size, int(options.get("images", size)))


def gradients(study: Study, method: str) -> int:
    """Gradients that one image's map takes."""
    return method_gradients(method, study.parameters.attribution.model_dump().get(method, {}))


def attacked_images(study: Study, method: str = "") -> int:
    """Sampled images that are attacked, guided by a method's maps or by none."""
    return min(study.parameters.attack.images, mapped_images(study, method))


def tries(study: Study, attack: str, guided: bool) -> int:
    """Attacked images that a model sees of one image: at every setting and budget, of each place and draw.

    Of a plug-in's attack one a place and draw, since nobody knows its budgets before it runs.
    """
    options = study.parameters.attack
    budgets = {"noise": len(KINDS) * len(options.subpixels), "occlusion": occlusion_tries(study)}.get(attack, 1)
    repeats = options.noise.repeats if attack == "noise" else 1
    return budgets * ((1 + options.least) * repeats if guided else options.draws)


def occlusion_tries(study: Study) -> int:
    """Occluded images that a model sees of one image and its order: at every budget, in every colour."""
    attack = study.parameters.attack
    return attack.count * min(attack.radius, max(study.parameters.data.shape[1:])) * len(attack.colors)
