"""What a network is called in tables; without torch, for those who only read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def network_name(architecture: Mapping[str, Any]) -> str:
    """Of a card's architecture: `resnet8-16`, or the name alone where it has no width."""
    return "-".join(str(architecture[key]) for key in ("name", "width") if key in architecture)
