"""An attack on a whole sample, some images in memory at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from ineq.attacks.base import Attack
from ineq.attacks.names import WHERE
from ineq.attacks.outcome import Outcome, joined
from ineq.attacks.run import attack_outcome
from ineq.data.sample import Sample
from ineq.io.rows import Large, parts
from ineq.models.forward import Progress, silent


def sample_outcome(
    attack: Attack,
    model: nn.Module,
    sample: Sample,
    maps: Large | None,
    *,
    where: Sequence[str] = WHERE,
    batch_size: int,
    progress: Progress = silent,
    **options: Any,
) -> Outcome:
    """`attack_outcome` of all images, with maps (N, C, H, W) or, at random places only, with None."""
    ranked = iter(()) if maps is None else parts(maps, batch_size)
    done: list[Outcome] = []
    for part in sample.parts(batch_size):
        keys = {"where": where, "indices": part.indices, "batch_size": batch_size, **options}
        done.append(attack_outcome(attack, model, part.images, part.labels, next(ranked, None), **keys))
        progress(min(len(done) * batch_size, len(sample.labels)), len(sample.labels))
    return joined(done)
