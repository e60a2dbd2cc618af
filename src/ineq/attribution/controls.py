"""What inequality is compared with: how unequal the images are by themselves, with no network at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from ineq.attribution.methods import METHODS, Batch, attribute, options_of
from ineq.data.checks import Array, as_images, as_indices, check_int
from ineq.data.sample import Part, Sample
from ineq.inequality.table import MEASURES, measure
from ineq.models.forward import Channels, normalisation

COLUMNS = ["control", "architecture", "method", "image", *MEASURES]
"""Of the table of controls."""


def control_maps(
    networks: Mapping[str, nn.Module], sample: Sample, method: str, *, batch_size: int, **options: Any
) -> Iterator[tuple[str, str, Part, np.ndarray]]:
    """What models' maps are compared with, part by part: control, network, images, maps float32 (n, C, H, W).

    "input" is of no network: the images alone. "untrained" are maps of each of `networks`, by its name. `options` are
    those of `attribute`.
    """
    for part in sample.parts(batch_size):
        yield "input", "", part, input_differences(part.images, method, indices=part.indices, **options)
    for name, network in networks.items():
        for part in sample.parts(batch_size):
            keys = {"indices": part.indices, "batch_size": batch_size}
            yield "untrained", name, part, attribute(network, part.images, part.labels, method, **keys, **options)


def control_table(
    networks: Mapping[str, nn.Module], sample: Sample, method: str, *, measures: Mapping[str, Any], **options: Any
) -> pd.DataFrame:
    """How unequal the `control_maps` are: one row a control, network and image; `measures` are for `measure`."""
    tables = []
    for control, network, part, maps in control_maps(networks, sample, method, **options):
        about = {"control": control, "architecture": network, "method": method}
        table = measure(maps, part.indices, **measures)
        tables.append(pd.DataFrame(about, index=table.index).join(table))
    return pd.concat(tables) if tables else pd.DataFrame(columns=COLUMNS)


def input_differences(
    images: Array,
    method: str,
    *,
    seed: int = 0,
    indices: Sequence[int] | Array | None = None,
    mean: Channels,
    std: Channels,
    **options: Any,
) -> np.ndarray:
    """abs(image − baseline) of the method's own baseline, float32 (N, C, H, W) in pixel units.

    Arguments are those of `attribute`, which draws the same baselines.
    """
    all_options = options_of(method, options)
    pixels = as_images(images)
    keys = as_indices(indices, len(pixels))
    space = normalisation(nn.Identity(), pixels, mean, std)
    labels = torch.zeros(len(pixels), dtype=torch.int64)
    batch = Batch(pixels, labels, keys, check_int("seed", seed, 0), *space, rows=len(pixels))
    return (pixels - METHODS[method].baseline(batch, **all_options)).abs().cpu().numpy()
