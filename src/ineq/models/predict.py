"""What a model says of images, and how surely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ineq.models.forward import predict_logits


@dataclass(frozen=True)
class Predictions:
    """Predicted classes, int64 (N,), and their margin, float32 (N,): the highest logit minus the second highest."""

    labels: np.ndarray
    margin: np.ndarray


def predict(model: torch.nn.Module, images: torch.Tensor, batch_size: int | None) -> Predictions:
    """Classify pixel images (N, C, H, W), which are on the model's device; of equal logits the first class wins."""
    logits = predict_logits(model, images, batch_size)
    top = logits.topk(2, dim=1).values
    return Predictions(logits.argmax(1).numpy(), (top[:, 0] - top[:, 1]).numpy())
