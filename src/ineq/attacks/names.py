"""Colours, kinds and places of noise and occlusion, and the columns that tell them. No torch: the schema reads it."""

from __future__ import annotations

from typing import Literal

Color = Literal["black", "gray", "white", "mean"]
COLORS: dict[str, float | None] = {"black": 0.0, "gray": 0.5, "white": 1.0, "mean": None}
"""Of occlusions, with the value of a covered pixel in pixel space; None: each image's own mean per channel."""
KINDS = ("additive", "replace")
"""The paper's Type I and Type II of noise, in the order of the record's first axis."""
WHERE = ("important", "random", "least")
"""Which places an attack changes: the most important ones of a map, random ones, the least important ones."""
WHERE_NAMES = {"important": "most important", "random": "random", "least": "least important"}
BUDGET = ("subpixels", "count", "radius")
"""Columns of a budget: one for noise, two for occlusion; those of the other attack are empty."""
BUDGET_TYPES = dict.fromkeys(BUDGET, "Int64")
"""For `astype`: whole numbers stay whole beside empty cells."""
ATTACK = ("attack", "setting", *BUDGET)
"""Columns of an attack: noise or occlusion, its kind or colour, its budget."""
