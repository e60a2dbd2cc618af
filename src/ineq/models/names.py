"""Names of networks and of their tensors; without torch, for those who only read tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def network_name(architecture: Mapping[str, Any]) -> str:
    """Of a card's architecture: `resnet8-16`, or the name alone where it has no width."""
    return "-".join(str(architecture[key]) for key in ("name", "width") if key in architecture)


def tails(name: str) -> Iterator[str]:
    """A name with dots, and what is left of it without its first parts: `a.b.c`, `b.c`, `c`."""
    parts = name.split(".")
    return (".".join(parts[place:]) for place in range(len(parts)))
