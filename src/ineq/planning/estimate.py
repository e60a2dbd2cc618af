"""What a study will take before anything runs: passes through its models, room for artefacts, a job's memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from ineq.attribution.names import GRADIENT
from ineq.config.study import Study
from ineq.planning.cost import Work, image_bytes
from ineq.planning.jobs import Job, jobs

PROCESS, DRIVER = 3000, 2000
"""MB of a job with a small network and a thousand small images, or with a Wide ResNet-50-2 (measured: up to 1200 and
1700), and more for a GPU's driver (assumed)."""
CONTEXT = 1500
"""MB that a process takes of a GPU's memory before it computes anything (assumed)."""
TRAINED_ON = 60_000
"""Images that a training holds: those of CIFAR-10, since nobody knows before the data set is read."""
KEPT = 256
"""Bytes that a network's layers keep per byte of a batch until its gradient is there (measured: 155, that network)."""


Passes = tuple[float, float]
"""Seconds of one image forward, and forward with the gradient of the input."""


def disk(planned: Iterable[Job]) -> float:
    """Bytes that jobs write, about: attribution maps hardly compress."""
    return sum(job.work(0).disk for job in planned)


def memory(job: Job, gpu: bool) -> int:
    """MB that a job asks a cluster for: generous, since one that takes more is killed.

    What a network keeps of a batch is in the GPU's memory where there is one (`gpu`).
    """
    needed = PROCESS + round(job.work(0).disk / 1e6)
    if not job.stage.runs_model:
        return needed
    return needed + (DRIVER if gpu else _kept(job, job.study.parameters.runtime.batch_size))


def gpu_memory(job: Job) -> int:
    """MB of a GPU's memory that a job takes, about; 0 for one that runs no model."""
    runtime = job.study.parameters.runtime
    return CONTEXT + _kept(job, runtime.gpu_batch_size or runtime.batch_size) if job.stage.runs_model else 0


def _kept(job: Job, batch: int) -> int:
    """MB that a network keeps of a batch until the gradient is there; a training holds all its images besides."""
    study = job.study
    if not job.stage.trains:
        return round(KEPT * image_bytes(study, batch) / 1e6)
    return round((KEPT * image_bytes(study, study.parameters.train.batch_size) + image_bytes(study, TRAINED_ON)) / 1e6)


def by_model(study: Study, known: Callable[[dict[str, Any]], Passes]) -> Callable[[str], Passes]:
    """What `known` says of a model's card, by the model's name; each network is looked at once."""
    networks: dict[str, Passes] = {}

    def of(model: str) -> Passes:
        card = study.cards[model].model_dump()
        network = repr(card["architecture"])
        if network not in networks:
            networks[network] = known(card)
        return networks[network]

    return of


def seconds(job: Job, work: Work, cost: Callable[[str], Passes]) -> float:
    """Time of a job; `cost` gives the seconds of a forward pass, and of one with a gradient, of a model's image."""
    models = [job.axes["model"]] if "model" in job.axes else job.study.parameters.models[:1]
    forward, gradient = cost(models[0])
    return work.forward * forward + work.gradient * gradient


def ranks(planned: Iterable[Job]) -> dict[str, float]:
    """By a job's name the work, in forward passes, of the longest chain of jobs that begins with it.

    Who starts the jobs with the most of it first doesn't wait for one long job at the end.
    """
    every = list(planned)
    readers: dict[Path, list[Job]] = {}
    for job in every:
        for path in job.input_files:
            readers.setdefault(path, []).append(job)
    known: dict[str, float] = {}

    def rank(job: Job) -> float:
        if job.name not in known:
            behind = {one.name: one for path in job.outputs.values() for one in readers.get(path, [])}
            work = job.work(0)
            passes = work.forward + GRADIENT * work.gradient
            known[job.name] = passes + max(map(rank, behind.values()), default=0)
        return known[job.name]

    return {job.name: rank(job) for job in every}


def rows(study: Study, split_size: int, cost: Callable[[str], Passes]) -> Iterator[dict[str, Any]]:
    """One row a stage that takes time or room: jobs, passes, gradients, seconds (all, longest job), bytes."""
    by_stage: dict[str, list[tuple[Job, Work]]] = {}
    for job in jobs(study):
        if any(estimate := job.work(split_size)):
            by_stage.setdefault(job.stage.name, []).append((job, estimate))
    for stage, entries in by_stage.items():
        yield {
            "stage": stage,
            "jobs": len(entries),
            "forward": sum(one.forward for _, one in entries),
            "gradient": sum(one.gradient for _, one in entries),
            "seconds": sum(seconds(job, one, cost) for job, one in entries),
            "longest": max(seconds(job, one, cost) for job, one in entries),
            "bytes": sum(one.disk for _, one in entries),
        }


def shown(stages: list[dict[str, Any]], device: str) -> str:
    """The rows as a table for people, with their sum; `device` says whose hours they are."""
    total: dict[str, Any] = {
        key: sum(row[key] for row in stages) for key in ("jobs", "forward", "gradient", "seconds", "bytes")
    }
    total["longest"] = max((row["longest"] for row in stages), default=0)
    lines = [f"{'stage':18}{'jobs':>6}{'forward passes':>16}{'gradients':>14}{'hours':>9}{'longest':>9}{'GB':>8}"]
    for row in [*stages, {"stage": "all", **total}]:
        passes = f"{row['forward']:16,.0f}{row['gradient']:14,.0f}"
        hours = f"{row['seconds'] / 3600:9.2f}{row['longest'] / 3600:9.2f}"
        lines.append(f"{row['stage']:18}{row['jobs']:6}{passes}{hours}{row['bytes'] / 1e9:8.2f}")
    note = "robustness at most so much; training, and what jobs take to start, is not counted."
    return "\n".join([*lines, f"Hours: {device}; divide by the jobs that run at once; {note}"])


def measured(threads: int) -> str:
    """Whose hours they are where networks were timed."""
    return f"hours of {threads} thread{'s' * (threads > 1)}, with the measured speed of untrained networks"


def assumed(tflops: float) -> str:
    """Whose hours they are where only operations were counted."""
    return f"hours of a device that does {tflops:g} × 10¹² operations a second, as assumed"
