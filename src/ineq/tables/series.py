"""Which models of a study make up its series: those that ε is told from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def plain(card: Mapping[str, Any]) -> bool:
    """Whether a model differs from others of its architecture in nothing but ε of l∞ training, and the seed."""
    training = card["train"]
    return training["norm"] in ("none", "linf") and not training["cutout"] and not card.get("pruning")


def in_series(card: Mapping[str, Any], architecture: Mapping[str, Any]) -> bool:
    """Whether a model is such a one of this architecture, which is mostly that of the study's first model."""
    return plain(card) and card["architecture"] == architecture
