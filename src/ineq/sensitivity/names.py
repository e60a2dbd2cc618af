"""What the table of conventions speaks of. No torch, for the paper's tables read it."""

from __future__ import annotations

DEFAULT = "as the study has it"
"""The convention that the others are changes of."""
COLOR = "black"
STATISTICS = ("gini_global", "gini_regional", "additive", "replace", COLOR)
"""Ginis of a map, then whether noise of each kind and black occlusion at the full budget fool the model."""
