"""The network of a model under audit, looked at before anything is computed: its outputs, and its own normalisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch

from ineq.auditing.request import Space, Subject
from ineq.errors import InputError
from ineq.models.architectures import build
from ineq.models.foreign import load_foreign
from ineq.models.foreign_file import Mappings, read_mappings
from ineq.models.forward import normalisation
from ineq.models.probe import classes_of


class Looked(NamedTuple):
    """What models under audit have in common: how many classes, and the space that their maps are to be drawn in.

    `normalisations` are what each of them is told to subtract and divide by, `mean` and `std`, a number a channel.
    """

    classes: int
    space: Space
    normalisations: list[dict[str, list[float]]]


def look_at(subjects: Sequence[Subject], shape: Sequence[int], classes: int, otherwise: Space) -> Looked:
    """Build each subject's network for as many classes as its checkpoint has, and ask it about a few images of noise.

    `shape` is (C, H, W), `classes` how many there should be, `otherwise` the normalisation of those that are told none.
    The space is the first model's: as it is told, else as its file says, else what the network has inside. Raises
    `InputError`, naming the file, where weights are not the network's, where it refuses the images or can't be
    measured, and where two models don't have as many classes.
    """
    normalisations = [subject.normalisation(shape[0], otherwise) for subject in subjects]
    outputs, inside = zip(
        *(_look(*each, shape, classes) for each in zip(subjects, normalisations, strict=True)), strict=True
    )
    if len({*outputs}) > 1:
        each = zip(subjects, outputs, strict=True)
        counts = ", ".join(f"{subject.checkpoint} has {count} classes" for subject, count in each)
        raise InputError(f"{counts}, expected as many of each, to compare them")
    first = normalisations[0]
    # 0 and 1 are nobody's normalisation: then the network has its own inside, or none.
    outside = subjects[0].space is not None or any(first["mean"]) or {*first["std"]} != {1.0}
    return Looked(outputs[0], first if outside else inside[0], normalisations)


def _look(subject: Subject, space: Space, shape: Sequence[int], classes: int) -> tuple[int, Space]:
    """How many classes the network tells apart, and what it subtracts and divides by inside: 0 and 1 if nothing."""
    architecture = subject.network(shape[0], classes)
    mappings = read_mappings(subject.checkpoint)
    fresh = build(architecture).state_dict()
    if (number := _classes(mappings, fresh, classes)) != classes:
        architecture["classes"] = number
        fresh = build(architecture).state_dict()
    model = load_foreign(subject.checkpoint, architecture=architecture, normalisation=space)
    if all(torch.equal(fresh[name], value) for name, value in model.network.state_dict().items() if name in fresh):
        raise InputError(
            f"{subject.architecture} makes a network that has the weights of {subject.checkpoint} already, expected "
            "one without: an untrained network is what the model is compared with"
        )
    images = torch.rand((4, *shape), generator=torch.Generator().manual_seed(0))
    try:
        outputs = classes_of(model, images)
    except InputError as error:
        raise InputError(f"{subject.checkpoint}: {error}") from None
    inside = zip(("mean", "std"), normalisation(model.network, images), strict=True)
    return outputs, {key: [round(value, 6) for value in values.flatten().tolist()] for key, values in inside}


def _classes(mappings: Mappings, network: Mapping[str, Any], classes: int) -> int:
    """How many rows the checkpoint has where a network for `classes` has so many; that number where that is unclear."""
    heads = {name: value.shape for name, value in network.items() if value.ndim and len(value) == classes}
    rows = {
        len(tensor)
        for name, shape in heads.items()
        for tensors in mappings.values()
        for key, tensor in tensors.items()
        if f".{key}".endswith(f".{name}") and isinstance(tensor, torch.Tensor) and tensor.ndim
        if tensor.shape[1:] == shape[1:]
    } - {classes}
    return rows.pop() if len(rows) == 1 else classes
