"""Making trained models part of the project: another study's cards, checkpoints and logs, ready to be committed."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from ineq.config.loader import load_parameters, read_yaml
from ineq.config.study import Study, study_file
from ineq.data.sources import SOURCES
from ineq.errors import InputError
from ineq.io.text import file_digest
from ineq.models.imports import measured_accuracy
from ineq.pipeline.records import read_record


def ship(study: Study, models: Iterable[str], target: str, made: str) -> list[Path]:
    """Copy checkpoint, training log and card of the current study's `models` to study `target`, which imports them.

    The cards get an `origin`: `made`, the file's SHA-256, and the accuracy measured on the target's evaluation images.
    Raises `InputError` for a model that isn't there, or isn't what its record names.
    """
    parameters = load_parameters(study_file(study.root, target))
    data = parameters.data
    dataset = SOURCES[data.name](study.root / data.path, data.shape, held_out=data.held_out, seed=data.seed)
    images, labels = (part[parameters.eval.split] for part in (dataset.images, dataset.labels))
    written = []
    for model in models:
        checkpoint, card = _copied(study, model, target)
        content = read_yaml(study.root / "models" / study.name / f"{model}.yaml")
        accuracy = measured_accuracy(checkpoint, content, images / np.float32(dataset.scale), labels)
        origin = {"made": made, "sha256": file_digest(checkpoint), "accuracy": round(accuracy, 6)}
        _write_card(card, {**content, "origin": origin})
        written += [checkpoint, card]
    return written


def _copied(study: Study, model: str, target: str) -> tuple[Path, Path]:
    """Copies checkpoint and log; where the checkpoint and its card lie now."""
    source, folder = study.root / "results" / study.name / "models" / model, study.root / "models" / target
    checkpoint = source / "checkpoint.safetensors"
    name = str(checkpoint.relative_to(study.root))
    record = read_record(source / "record.json")
    if record is None or not checkpoint.is_file() or record["outputs"].get(name) != file_digest(checkpoint):
        raise InputError(f"{name} is not there, or not what its record names: run the stage that makes it first")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(checkpoint, folder / f"{model}.safetensors")
    shutil.copyfile(source / "training.csv", folder / f"{model}.csv")
    return folder / f"{model}.safetensors", folder / f"{model}.yaml"


def _write_card(path: Path, content: dict[str, Any]) -> None:
    yaml = YAML()
    yaml.width = 120
    with open(path, "w", encoding="utf-8") as stream:
        yaml.dump(content, stream)
