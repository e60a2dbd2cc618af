"""Models that come as a file: checked against their card before anything is computed with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ineq.data.checks import as_images
from ineq.device import device
from ineq.io.text import check_sum
from ineq.models.checkpoint import load_checkpoint
from ineq.models.job import load_model
from ineq.models.predict import predict


def take_over(source: Path, target: Path, card: Mapping[str, Any]) -> None:
    """Copy the checkpoint `source` to `target` if it is the file that the card's `origin` names.

    Raises `InputError`, naming the file, where its SHA-256, architecture, normalisation or tensors are others.
    """
    check_sum(source, card["origin"]["sha256"])
    load_checkpoint(source, architecture=card["architecture"], normalisation=card["normalisation"], stage="import")
    target.write_bytes(source.read_bytes())


def measured_accuracy(checkpoint: Path, card: Mapping[str, Any], images: np.ndarray, labels: np.ndarray) -> float:
    """Share of the images, float32 (N, C, H, W) in [0, 1], whose label (N,) the checkpoint of a card predicts."""
    model = load_model(checkpoint, dict(card), {"threads": 1})
    return float((predict(model, as_images(images, device()), None).labels == labels).mean())
