"""Checkpoints of third parties: the network's tensors are found by their names, whatever stands before these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ineq.errors import InputError
from ineq.models.architectures import build
from ineq.models.checkpoint import Tensors, check_tensors
from ineq.models.foreign_file import Mappings, read_mappings
from ineq.models.foreign_space import check_normalisation, normalisers
from ineq.models.names import tails
from ineq.models.normalized import Normalized
from ineq.models.robustbench import LAST, is_of_zoo

COUNTER = ".num_batches_tracked"
"""What a batch normalisation counts; torch wrote none before 2018, and nothing that is evaluated needs it."""
WRAPPERS = {"module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"}
"""What torch's own wrappers put into the names of the layers inside them, also of single layers in a network."""


def load_foreign(
    path: Path, *, architecture: Mapping[str, Any], normalisation: Mapping[str, Sequence[float]]
) -> Normalized:
    """The model of a third party's checkpoint on the CPU, in eval mode.

    The network's tensors may lie under any key and prefix, in any one precision, and what is no part of the network is
    left. A normalisation beside the network must be the card's. Of RobustBench's files is taken what its own loader
    takes. Raises `InputError`, naming the file, what was found and wanted, where there are several state dicts that
    differ, or tensors are missing, superfluous, of another shape or type, or not finite.
    """
    mappings = read_mappings(path)
    model = Normalized(build(architecture), normalisation["mean"], normalisation["std"])
    network = _Network(model.network, architecture["channels"])
    if not network.normalisers:
        check_normalisation(path, mappings, normalisation)
    of_zoo = is_of_zoo(str(architecture["name"]))
    weights = _one(path, _fits(path, mappings, network), network, LAST if of_zoo else "")
    if of_zoo:
        weights = {name: tensor for name, tensor in weights.items() if name in network.expected}
    check_tensors(path, weights, network.expected)
    for name, owner in network.owner.items():
        if not torch.equal(weights[name], weights[owner]):
            raise InputError(f"{path}: '{owner}' and '{name}' differ, but are one tensor of the network")
    model.network.load_state_dict(weights)
    return model.eval().requires_grad_(False)


class _Network:
    """A network's tensors by name; `owner` is for each name the first one of the same tensor.

    `required` are owners that a checkpoint must have under one of their names; the network makes the others itself.
    """

    def __init__(self, network: nn.Module, channels: int) -> None:
        self.expected, self.channels = network.state_dict(), channels
        self.normalisers = normalisers(self.expected, channels)
        first: dict[int, str] = {}
        tensors = network.state_dict(keep_vars=True)
        self.owner = {name: first.setdefault(id(tensor), name) for name, tensor in tensors.items()}
        self.required = {name for name in first.values() if not name.endswith(COUNTER)} - self.normalisers

    def count(self, tensors: Tensors) -> int:
        """How many of the required tensors these are."""
        return len(self.required & {self.owner[name] for name in tensors if name in self.owner})

    def completed(self, tensors: Tensors) -> Tensors:
        """With what a checkpoint may lack: another name of a tensor, and what the network makes; in its precision."""
        ours = {name: tensor for name, tensor in tensors.items() if name in self.owner}
        floats = {name: tensor for name, tensor in ours.items() if tensor.is_floating_point()}
        if len({tensor.dtype for tensor in floats.values()}) == 1:  # several are no precision that anybody chose
            ours |= {name: tensor.type(self.expected[name].dtype) for name, tensor in floats.items()}
        made = {name: self.expected[name] for name in self.owner.values() if name not in self.required}
        made |= {self.owner[name]: tensor for name, tensor in ours.items()}
        return tensors | {name: made[owner] for name, owner in self.owner.items() if owner in made} | ours


def _fits(path: Path, mappings: Mappings, network: _Network) -> dict[str, Tensors]:
    """What the file has for the network, by the keys and the prefix before it: all that is complete, else the best."""
    states = [{keys: _tensors(mapping) for keys, mapping in mappings.items()}]
    states += [{keys: _unwrapped(tensors) for keys, tensors in states[0].items()}]
    # A network that was made inside another one may have been saved without it: what all names begin with may be gone.
    levels = zip(*(name.split(".")[:-1] for name in network.required), strict=False)
    inside = "".join(f"{level[0]}." for level in takewhile(lambda level: len({*level}) == 1, levels))
    fits: dict[str, Tensors] = {}
    seen: set[frozenset[tuple[str, int]]] = set()
    for shared in ("", inside):
        names = {name.removeprefix(shared): name for name in network.expected}
        for where, tensors in (one for some in states for one in _behind_prefixes(some, names, network.channels)):
            identity = frozenset((name, id(one)) for name, one in tensors.items())
            if network.count(tensors) > network.count(fits.get(where, {})) and identity not in seen:
                fits[where] = tensors
                seen.add(identity)
        if complete := {where: one for where, one in fits.items() if network.count(one) == len(network.required)}:
            return {where: network.completed(one) for where, one in complete.items()}
    if not network.required:
        raise InputError(f"{path} is for a network that has no weights")
    if not fits:
        every = [name for tensors in states[0].values() for name in tensors]
        raise InputError(
            f"{path}: none of its {len(every)} tensors, '{min(every)}' among them, is one of the network, such as "
            f"'{min(network.expected)}', whatever prefix is taken off"
        )
    best = max(fits, key=lambda where: network.count(fits[where]))
    return {best: network.completed(fits[best])}


def _behind_prefixes(
    states: Mapping[str, Tensors], names: Mapping[str, str], channels: int
) -> Iterator[tuple[str, Tensors]]:
    """What stands behind each prefix that any of `names` has, by the keys and the prefix, under the network's names."""
    for keys, tensors in states.items():
        matches = ((full, name) for full in tensors for name in tails(full) if name in names)
        for prefix in dict.fromkeys(full.removesuffix(name) for full, name in matches):
            inner = {full.removeprefix(prefix): one for full, one in tensors.items() if full.startswith(prefix)}
            beside = normalisers(inner, channels) - names.keys()
            yield (
                f"{keys}.{prefix}".strip("."),
                {names.get(name, name): one for name, one in inner.items() if name not in beside},
            )


def _one(path: Path, fits: Mapping[str, Tensors], network: _Network, key: str) -> Tensors:
    """The one that is meant: that under `key`, the one of the right shapes, or the first where all are the same."""
    expected = network.expected
    asked = [one for where, one in fits.items() if key and f"{where}.".startswith(f"{key}.")] or list(fits.values())
    shaped = [one for one in asked if all(one[name].shape == expected[name].shape for name in one.keys() & expected)]
    first, *others = shaped or asked
    if any(not _same(one[name], first[name]) for one in others for name in expected):
        keys = ", ".join(f"'{where}'" if where else "no key" for where in fits)
        raise InputError(
            f"{path} holds several state dicts of the network that differ, under {keys}, expected one: save the one "
            "that you mean in a file by itself"
        )
    return first


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.dtype == other.dtype and one.equal(other)


def _tensors(mapping: Mapping[str, Any]) -> Tensors:
    return {name: value for name, value in mapping.items() if isinstance(value, torch.Tensor)}


def _unwrapped(tensors: Tensors) -> Tensors:
    """Without what wrappers put into the names, where that leaves them apart."""
    plain = {".".join(part for part in name.split(".") if part not in WRAPPERS): one for name, one in tensors.items()}
    return plain if len(plain) == len(tensors) else tensors
