"""What stages that run a model have in common: the checkpoint of a card, on the device at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ineq.models.checkpoint import load_checkpoint
from ineq.models.device import device, set_threads
from ineq.models.normalized import Normalized


def load_model(path: Path, card: dict[str, Any], threads: int) -> Normalized:
    """Load a checkpoint that fits the card's architecture and normalisation, and set torch's threads."""
    set_threads(threads)
    model = load_checkpoint(path, architecture=card["architecture"], normalisation=card["normalisation"])
    return model.to(device())
