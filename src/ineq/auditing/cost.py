"""What an audit will take, said before it starts."""

from __future__ import annotations

from functools import partial

from ineq.config.study import Study
from ineq.model_audit.cost import duration
from ineq.models.timing import cost
from ineq.planning.estimate import by_model, rows
from ineq.planning.jobs import jobs

TIMED = 0.2
"""Seconds that each network is tried, forward and with a gradient."""

START = 1.5
"""Seconds that a job takes to start and to write its files, about."""


def cost_sentence(study: Study, images: int, cores: int) -> str:
    """The time from nothing on this machine, where `images` are predicted, as a sentence."""
    channels, height, width = study.parameters.data.shape
    runtime = study.parameters.runtime.model_dump()
    measured = partial(cost, shape=(channels, height, width), runtime=runtime, least=TIMED)
    stages = list(rows(study, images, by_model(study, measured)))
    work = sum(stage["seconds"] for stage in stages) + START * sum(1 for _ in jobs(study))
    seconds = max(work / cores, *(stage["longest"] for stage in stages))
    size = study.parameters.sample.size
    return f"from nothing this audit takes about {duration(seconds)} here: {size} images, {cores} jobs at once"
