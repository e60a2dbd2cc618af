"""What a study will take before anything runs: passes through its models, room for artefacts, a job's memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import prod
from typing import Any, NamedTuple

from ineq.config.study import Study
from ineq.pipeline.gpus import needs_gpu
from ineq.pipeline.jobs import Job, jobs
from ineq.pipeline.registry import METHODS
from ineq.sensitivity.names import VARIANTS

FLOAT = 4
SEARCHED = {"forward": 7200, "gradient": 2000}
"""Passes that AutoAttack's standard version makes of an image that stands: 100 steps of APGD, 9 × 100 of its targeted
form and of FAB, 5000 queries of Square. Fewer of one that falls: what robustness takes is the most it can take."""


PROCESS, DRIVER = 3000, 2000
"""MB of a job with a small network and a thousand small images, or with a Wide ResNet-50-2 (measured: up to 1200 and
1700), and more for a GPU's driver (assumed)."""
CONTEXT = 1500
"""MB that a process takes of a GPU's memory before it computes anything (assumed)."""
TRAINED_ON = 60_000
"""Images that a training holds: those of CIFAR-10, since nobody knows before the data set is read."""
KEPT = 256
"""Bytes that a network's layers keep per byte of a batch until its gradient is there (measured: 155, that network)."""


class Work(NamedTuple):
    """Passes of single images through a job's model, and bytes that it writes."""

    forward: float = 0
    gradient: float = 0
    disk: float = 0


def work(job: Job, split_size: int) -> Work:
    """An estimate for one job; `split_size` is the number of images in the evaluation split."""
    study = job.study
    return ESTIMATES.get(job.stage.name, lambda *_: Work())(study, job, split_size)


def disk(found: Iterable[Job]) -> float:
    """Bytes that jobs write, about: attribution maps hardly compress."""
    return sum(work(job, 0).disk for job in found)


def memory(job: Job, gpu: bool) -> int:
    """MB that a job asks a cluster for: generous, since one that takes more is killed.

    What a network keeps of a batch is in the GPU's memory where there is one (`gpu`).
    """
    needed = PROCESS + round(work(job, 0).disk / 1e6)
    if not needs_gpu(job.stage):
        return needed
    return needed + (DRIVER if gpu else _kept(job, job.study.parameters.runtime.batch_size))


def gpu_memory(job: Job) -> int:
    """MB of a GPU's memory that a job takes, about; 0 for one that runs no model."""
    runtime = job.study.parameters.runtime
    return CONTEXT + _kept(job, runtime.gpu_batch_size or runtime.batch_size) if needs_gpu(job.stage) else 0


def _kept(job: Job, batch: int) -> int:
    """MB that a network keeps of a batch until the gradient is there; a training holds all its images besides."""
    own = job.study.parameters
    if job.stage.name not in ("train", "prune"):
        return round(KEPT * _bytes(job.study, batch) / 1e6)
    return round((KEPT * _bytes(job.study, own.train.batch_size) + _bytes(job.study, TRAINED_ON)) / 1e6)


def seconds(job: Job, found: Work, cost: Callable[[str], tuple[float, float]]) -> float:
    """Time of a job; `cost` gives the seconds of a forward pass, and of one with a gradient, of a model's image."""
    models = [job.axes["model"]] if "model" in job.axes else job.study.parameters.models[:1]
    forward, gradient = cost(models[0])
    return found.forward * forward + found.gradient * gradient


def _bytes(study: Study, images: int) -> float:
    return images * prod(study.parameters.data.shape) * FLOAT


def _images(study: Study, method: str) -> int:
    own = study.parameters
    options = {"smoothgrad": own.attribution.smoothgrad.model_dump(), **own.plugins.options}.get(method, {})
    return min(own.sample.size, int(options.get("images", own.sample.size)))


def _gradients(study: Study, method: str) -> int:
    """Gradients that one image's map takes."""
    options = study.parameters.attribution
    base = options.smoothgrad.steps if options.smoothgrad.base == "integrated_gradients" else 1
    return {
        "integrated_gradients": options.integrated_gradients.steps,
        "gradient_shap": options.gradient_shap.samples,
        "smoothgrad": options.smoothgrad.samples * base,
    }.get(method, 1)


def _cells(study: Study) -> int:
    attack = study.parameters.attack
    return attack.count * min(attack.radius, max(study.parameters.data.shape[1:])) * len(attack.colors)


def _attribute(study: Study, job: Job, _: int) -> Work:
    images = _images(study, job.axes["method"])
    return Work(gradient=images * _gradients(study, job.axes["method"]), disk=_bytes(study, images))


def _attacked(study: Study, job: Job) -> int:
    return min(study.parameters.attack.images, _images(study, job.axes.get("method", "")))


def _noise(study: Study, job: Job, _: int) -> Work:
    attack = study.parameters.attack
    return Work(_attacked(study, job) * 2 * len(attack.subpixels) * (2 * attack.noise.repeats + attack.draws))


def _occlusion(study: Study, job: Job, _: int) -> Work:
    passes = _attacked(study, job) * _cells(study) * 2
    return Work(passes, disk=passes * 3)


def _random_occlusion(study: Study, job: Job, _: int) -> Work:
    passes = _attacked(study, job) * _cells(study) * study.parameters.attack.draws
    return Work(passes, disk=passes * 3)


def _attack(study: Study, job: Job, _: int) -> Work:
    """What is predicted; how much the attack itself does, nobody knows."""
    return Work(_attacked(study, job) * (3 + study.parameters.attack.draws))


def _controls(study: Study, job: Job, _: int) -> Work:
    networks = {name: repr(card.architecture) + repr(card.normalisation) for name, card in study.cards.items()}
    distinct = {(method, networks[model]) for model, method in study.maps() if method in METHODS}
    return Work(gradient=sum(_images(study, method) * _gradients(study, method) for method, _ in distinct))


def _transfer(study: Study, job: Job, _: int) -> Work:
    chosen, attack = study.parameters.transfer, study.parameters.attack
    tries = sum(cell.count * cell.radius for cell in chosen.cells) + 2 * attack.noise.repeats
    sources = [model for model, _ in study.maps() if model in chosen.models]
    return Work(len(sources) * attack.images * (tries + len(chosen.models) * (len(chosen.cells) + 2)))


def _sensitivity(study: Study, job: Job, _: int) -> Work:
    options, attack = study.parameters, study.parameters.attack
    steps = 5 * options.attribution.integrated_gradients.steps + 2 * 50 + 2 * options.attribution.smoothgrad.samples
    grids = len(VARIANTS) * (attack.count * attack.radius + 2 * attack.noise.repeats)
    return Work(options.sensitivity.images * grids, options.sensitivity.images * steps)


def _robustness(study: Study, job: Job, _: int) -> Work:
    chosen, card = study.parameters.robustness, study.cards[job.axes["model"]].train
    own = card.norm not in ("none", "unknown") and (card.norm, card.epsilon) != ("linf", chosen.epsilon)
    images = chosen.images * (1 + own)
    return Work(images * SEARCHED["forward"], images * (SEARCHED["gradient"] + chosen.steps))


ESTIMATES: dict[str, Callable[[Study, Job, int], Work]] = {
    "predict": lambda study, job, split: Work(split),
    "sample": lambda study, job, split: Work(disk=_bytes(study, study.parameters.sample.size)),
    "attribute": _attribute,
    # As many passes as one gradient an image: how many more, nobody knows.
    "attribute_plugin": _attribute,
    "controls_plugin": lambda study, job, _: Work(gradient=_images(study, job.axes["method"])),
    "attack_plugin": _attack,
    "controls": _controls,
    "noise": _noise,
    "occlusion": _occlusion,
    "random_occlusion": _random_occlusion,
    "transfer": _transfer,
    "classes": lambda study, job, split: Work(gradient=split * _gradients(study, "integrated_gradients")),
    "sensitivity": _sensitivity,
    "robustness": _robustness,
}


def rows(study: Study, split_size: int, cost: Callable[[str], tuple[float, float]]) -> Iterator[dict[str, Any]]:
    """One row a stage that takes time or room: jobs, passes, gradients, seconds (all, longest job), bytes."""
    found: dict[str, list[tuple[Job, Work]]] = {}
    for job in jobs(study):
        if any(estimate := work(job, split_size)):
            found.setdefault(job.stage.name, []).append((job, estimate))
    for stage, entries in found.items():
        yield {
            "stage": stage,
            "jobs": len(entries),
            "forward": sum(one.forward for _, one in entries),
            "gradient": sum(one.gradient for _, one in entries),
            "seconds": sum(seconds(job, one, cost) for job, one in entries),
            "longest": max(seconds(job, one, cost) for job, one in entries),
            "bytes": sum(one.disk for _, one in entries),
        }


def shown(found: list[dict[str, Any]], device: str) -> str:
    """The rows as a table for people, with their sum; `device` says whose hours they are."""
    total: dict[str, Any] = {
        key: sum(row[key] for row in found) for key in ("jobs", "forward", "gradient", "seconds", "bytes")
    }
    total["longest"] = max((row["longest"] for row in found), default=0)
    lines = [f"{'stage':18}{'jobs':>6}{'forward passes':>16}{'gradients':>14}{'hours':>9}{'longest':>9}{'GB':>8}"]
    for row in [*found, {"stage": "all", **total}]:
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
