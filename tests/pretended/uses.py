"""What a place that moves a tensor is tried with: the jobs of a study, and calls of what no job comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import torch
from pretended.interface import COUNT, IMAGES, INTERFACE, LABELS, MAPS, SHAPE, network, on, tensors
from pretended.moves import Place, run_watched
from project import ROOT
from trainings import HELD_OUT, NETWORK, SCHEDULE, STANDARD, TRAIN, killed_after

from ineq.attribution.controls import input_differences
from ineq.auditing.diagnosis import diagnose
from ineq.config.study import Study, load_study
from ineq.io.tables import read_table
from ineq.models import foreign, imports, timing, training
from ineq.models.architectures import build
from ineq.models.forward import predict_logits
from ineq.models.job import load_model
from ineq.planning.jobs import Job, job, jobs
from ineq.planning.registry import STAGES
from ineq.runtime.run import Run, StageParameters

Use = Callable[[], object]
RESULTS = ("tables", "paper", "figures", "gallery", "report")


def uses(out: Place | None, folder: Path | None) -> dict[str, Use]:
    """By name: jobs in an order in which they can run, and the rest, all without the place `out`.

    Jobs write into `folder`, or without one into the project that is the current folder.
    """
    study = load_study()
    made = {one.name: partial(_run, one, out, folder) for one in _telling(jobs(study))}
    functions = dict.fromkeys(name.partition(",")[0] for name in INTERFACE)
    return {**made, **{f"interface: {name}": partial(_call, name) for name in functions}, **_others(study)}


def _telling(found: Sequence[Job]) -> list[Job]:
    """Jobs without those that come to nothing new.

    What makes tables and figures of results runs no model, and what measures and attacks does the same with each map.
    """
    first = {one.stage.name: one for one in reversed(found)}
    once = {name for name, stage in STAGES.items() if "sample" in stage.inputs and name != "attribute"}
    return [
        one
        for one in found
        if one.stage.name not in RESULTS and (one.stage.name not in once or one is first[one.stage.name])
    ]


def _run(one: Job, out: Place | None, folder: Path | None) -> None:
    """What a job's script does, without its record."""
    script: dict[str, Any] = {"__name__": one.stage.name}
    run_watched(ROOT / "src" / "ineq" / "stages" / f"{one.stage.name}.py", out, script)
    outputs = {name: folder / path.name if folder else path for name, path in one.outputs.items()}
    for path in outputs.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as state:
        script["main"](Run(one, StageParameters(one.stage.name, one.parameters), outputs, Path(state, "state"), "key"))


def _call(function: str) -> None:
    """A public function on the GPU; what it gives is then used there, as its user would."""
    given = [on("cuda", values) for values in (IMAGES, LABELS, MAPS)]
    for call in (call for name, call in INTERFACE.items() if name.partition(",")[0] == function):
        for tensor in tensors(call(network().to("cuda"), *given)).values():
            torch.equal(tensor, tensor.to("cuda"))


def _others(study: Study) -> dict[str, Use]:
    """What is no job, and not public either."""
    card = study.cards["standard"].model_dump()
    data, checkpoint = job(study, "data").outputs["data"], job(study, "train", model="standard").outputs["checkpoint"]
    predictions = job(study, "predict", model="standard").outputs["predictions"]
    return {
        "other: seconds of a network": lambda: _timed(card),
        "other: operations of a network": lambda: timing.operations(card, SHAPE),
        "other: accuracy of a shipped model": lambda: imports.measured_accuracy(checkpoint, card, IMAGES, LABELS),
        "other: diagnosis of a model": lambda: diagnose(
            read_table(predictions, "predict", ("label", "prediction")), data, checkpoint, card
        ),
        "other: a model in bfloat16": lambda: _lowered(checkpoint, card),
        "other: training that goes on": _goes_on,
        "other: controls of images on the GPU": lambda: input_differences(
            on("cuda", IMAGES), "integrated_gradients", mean=0.3, std=0.4
        ),
        "other: a checkpoint of somebody else": _foreign,
    }


def _timed(card: Mapping[str, Any]) -> None:
    with mock.patch.object(timing, "SECONDS", 0.01):
        timing.cost(card, SHAPE, {"threads": 1, "batch_size": COUNT})


def _lowered(checkpoint: Path, card: dict[str, Any]) -> None:
    """Also where the processor has no units for it."""
    with mock.patch.object(torch.cuda, "is_bf16_supported", lambda: True):
        model = load_model(checkpoint, card, {"threads": 1, "precision": "bfloat16"})
    predict_logits(model, on("cuda", IMAGES))


def _goes_on() -> None:
    """On the GPU, after it was killed on a CPU."""
    with TemporaryDirectory() as folder:
        schedule = replace(SCHEDULE, epochs=2, ramp_epochs=1, flip=True, crop=1)
        options = {"recipe": STANDARD, "schedule": schedule, "state": Path(folder, "state")}
        train = partial(training.train, TRAIN, HELD_OUT, **NETWORK, **options)
        with mock.patch.object(torch.cuda, "is_available", lambda: False), suppress(KeyboardInterrupt):
            train(report=killed_after(1))
        train()


def _foreign() -> None:
    """Saved from a GPU."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.pt")
        torch.save(build(NETWORK["architecture"], seed=0).to("cuda").state_dict(), path)
        foreign.load_foreign(path, **NETWORK)(torch.from_numpy(IMAGES))
