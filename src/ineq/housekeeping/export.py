"""Making trained models part of the project: another study's cards, checkpoints and logs, ready to be committed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ineq.config.compose import study_parameters
from ineq.config.fields import NAME
from ineq.config.loader import read_yaml, write_yaml
from ineq.config.study import Study
from ineq.data.sources import SOURCES
from ineq.errors import InputError, refuse_unknown
from ineq.io.text import file_digest
from ineq.models.imports import measured_accuracy
from ineq.provenance.records import read_record


def export_models(study: Study, models: Iterable[str], target: str, made: str, new: bool = False) -> list[Path]:
    """Copy checkpoint, training log and card of the current study's `models` to study `target`, which imports them.

    The cards get an `origin`: `made`, the file's SHA-256, and the accuracy measured on the target's evaluation images;
    if the target is `new`, a study still to be written, on those of the current study. Raises `InputError` for a model
    that isn't there, or isn't what its record names.
    """
    models = list(models)
    for model in models:
        refuse_unknown("model", model, study.parameters.models)
    if not re.fullmatch(NAME, target) or target == study.name:
        raise InputError(
            f"models of study '{study.name}' can't be exported to '{target}', expected another study's name"
        )
    parameters = study.parameters if new else study_parameters(study.root, target)
    data = parameters.data
    if data.name not in SOURCES:
        raise InputError(f"study '{target}' has data.name '{data.name}', expected one of {', '.join(SOURCES)}")
    dataset = SOURCES[data.name](study.root / data.path, data.shape, held_out=data.held_out, seed=data.seed)
    if parameters.eval.split not in dataset.images:
        raise InputError(f"{data.path} has no images of split '{parameters.eval.split}', which `eval.split` names")
    images, labels = (part[parameters.eval.split] for part in (dataset.images, dataset.labels))
    cards, folder = {}, study.root / "models" / target
    for model in models:
        checkpoint = _checkpoint(study, model)
        content = read_yaml(study.root / "models" / study.name / f"{model}.yaml")
        accuracy = measured_accuracy(checkpoint, content, images / np.float32(dataset.scale), labels)
        origin = {"made": made, "sha256": file_digest(checkpoint), "accuracy": round(accuracy, 6)}
        cards[checkpoint.parent] = {**content, "weights": "import", "origin": origin}
    folder.mkdir(parents=True, exist_ok=True)
    for source, card in cards.items():
        shutil.copyfile(source / "checkpoint.safetensors", folder / f"{source.name}.safetensors")
        shutil.copyfile(source / "training.csv", folder / f"{source.name}.csv")
        write_yaml(folder / f"{source.name}.yaml", card)
    return [folder / f"{source.name}.{kind}" for source in cards for kind in ("safetensors", "yaml")]


def _checkpoint(study: Study, model: str) -> Path:
    """The checkpoint of a model, beside its training log; raises `InputError` unless its record names it."""
    source = study.root / "results" / study.name / "models" / model
    checkpoint = source / "checkpoint.safetensors"
    name = str(checkpoint.relative_to(study.root))
    record = read_record(source / "record.json")
    there = checkpoint.is_file() and (source / "training.csv").is_file()
    if record is None or not there or record["outputs"].get(name) != file_digest(checkpoint):
        raise InputError(f"{name} is not there, or not what its record names: run the stage that makes it first")
    return checkpoint
