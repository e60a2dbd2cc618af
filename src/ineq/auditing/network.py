"""The network of a model under audit, looked at before anything is computed: its outputs, and its own normalisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import nn

from ineq.auditing.request import Space, Subject
from ineq.errors import InputError
from ineq.model_audit.untrained import shared_weights
from ineq.models.architectures import build
from ineq.models.foreign import load_foreign
from ineq.models.foreign_file import Mappings, read_mappings
from ineq.models.forward import normalisation
from ineq.models.normalized import for_each, is_normalising
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
    looked = [_look(subject, shape, classes, otherwise) for subject in subjects]
    outputs, inside, normalisations = zip(*looked, strict=True)
    if len({*outputs}) > 1:
        each = zip(subjects, outputs, strict=True)
        counts = ", ".join(f"{subject.checkpoint} has {count} classes" for subject, count in each)
        raise InputError(f"{counts}, expected as many of each, to compare them")
    first = normalisations[0]
    # Otherwise the network has its own inside, or none.
    outside = subjects[0].space is not None or is_normalising(first)
    return Looked(outputs[0], first if outside else inside[0], [*normalisations])


def _look(subject: Subject, shape: Sequence[int], classes: int, otherwise: Space) -> tuple[int, Space, Any]:
    """How many classes a network tells apart, its space inside (0 and 1 if it has none), and its normalisation."""
    stated, channels = subject.stated(shape[0]), shape[0]
    space = stated or {key: for_each(values, channels) for key, values in otherwise.items()}
    architecture = subject.network(channels, classes)
    mappings = read_mappings(subject.checkpoint)
    untrained = build(architecture)
    if (number := _classes(mappings, untrained.state_dict(), classes)) != classes:
        architecture["classes"] = number
        untrained = build(architecture)
    model = load_foreign(subject.checkpoint, architecture=architecture, normalisation=space)
    _refuse_trained(untrained, model.network, subject)
    images = torch.rand((4, *shape), generator=torch.Generator().manual_seed(0))
    try:
        outputs = classes_of(model, images)
    except InputError as error:
        raise InputError(f"{subject.checkpoint}: {error}") from None
    spaces = zip(("mean", "std"), normalisation(model.network, images), strict=True)
    inside = {key: [round(value, 6) for value in values.flatten().tolist()] for key, values in spaces}
    if stated and is_normalising(stated) and is_normalising(inside):
        whose = "its file says" if subject.space is None else "--mean and --std say"
        raise InputError(
            f"{subject.checkpoint}: its network normalises by itself, by {inside['mean']} and {inside['std']}, "
            f"but {whose} {stated['mean']} and {stated['std']}, expected one of both"
        )
    if not stated and is_normalising(inside):
        space = {"mean": [0.0] * channels, "std": [1.0] * channels}
    return outputs, inside, space


def _refuse_trained(untrained: nn.Module, trained: nn.Module, subject: Subject) -> None:
    """Raise `InputError` where a network that nothing was loaded into has trained weights: it is the control."""
    if untrained is trained:
        raise InputError(
            f"{subject.architecture} returns the same network each time, expected a new one, with weights of its own"
        )
    if shared := shared_weights(untrained, trained):
        raise InputError(
            f"{subject.architecture} makes a network with weights of {subject.checkpoint} already, in '{shared}', "
            "expected one without (such as by pretrained=False): the model is compared with it"
        )


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
