"""A noised image as the attack made it, from the same keyed draw; no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ineq.data.draws import normal_fields


@dataclass(frozen=True)
class Noise:
    """What draws a study's noise: the attack's seed, the normalised space, and whether pixels stay in [0, 1]."""

    seed: int
    mean: Sequence[float]
    std: Sequence[float]
    clip: bool

    def on(self, image: np.ndarray, values: np.ndarray, kind: str, subpixels: int, index: int, draw: int) -> np.ndarray:
        """The image (C, H, W) with noise of a kind on the `subpixels` highest of `values`; `index` keys the draw."""
        mean, std = (np.array(channels, np.float32).reshape(-1, 1, 1) for channels in (self.mean, self.std))
        field = std * normal_fields(self.seed, "noise-field", [index], image.shape, draw)[0]
        chosen = np.argsort(-values, axis=None, kind="stable")[:subpixels]
        noised = image.copy()
        noised.flat[chosen] = ((image if kind == "additive" else mean) + field).flat[chosen]
        return noised.clip(0, 1) if self.clip else noised
