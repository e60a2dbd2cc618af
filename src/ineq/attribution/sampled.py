"""Maps of a whole sample, made some images at a time as they are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from torch import nn

from ineq.attribution.methods import attribute
from ineq.data.sample import Sample
from ineq.io.rows import Made
from ineq.models.forward import Progress, silent


def sample_maps(
    model: nn.Module, sample: Sample, method: str, *, batch_size: int, progress: Progress = silent, **options: Any
) -> Made:
    """Maps float32 (N, C, H, W) of all images, `batch_size` in memory at a time; `options` are those of `attribute`."""

    def parts() -> Iterator[np.ndarray]:
        done = 0
        for part in sample.parts(batch_size):
            keys = {"indices": part.indices, "batch_size": batch_size}
            yield attribute(model, part.images, part.labels, method, **keys, **options)
            done += len(part.labels)
            progress(done, len(sample.labels))

    return Made(sample.images.shape, np.dtype(np.float32), parts())
