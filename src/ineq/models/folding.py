"""Batch normalisation folded into the convolution before it: in eval mode the same function up to rounding, faster.

Measured on a CPU, for a forward and backward pass: a quarter less time, with a wide network a tenth.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import fx, nn
from torch.fx.experimental.optimization import fuse
from torch.nn.utils.fusion import fuse_conv_bn_weights, fuse_linear_bn_weights
from torch.nn.utils.prune import is_pruned

from ineq.models.forward import evaluating


def folded(network: nn.Module) -> nn.Module:
    """A folded copy of a network in eval mode, where it can be traced and uses no layer twice; else as it is."""
    try:
        return fuse(network) if _uses_layers_once(network) else network
    # What another package builds may branch on its input, and tracing may raise anything then.
    except Exception:
        return network


def _uses_layers_once(network: nn.Module) -> bool:
    """Whether no layer with weights is called twice, by one name or two: folded for one, it is wrong for another."""
    calls = [node for node in fx.symbolic_trace(network).graph.nodes if node.op == "call_module"]
    layers = [layer for layer in (network.get_submodule(str(node.target)) for node in calls) if layer.state_dict()]
    return len(layers) == len({*map(id, layers)})


class FoldedModel:
    """A folded copy of a model that is being trained, for its passes in eval mode, such as those of an attack.

    It shares every tensor that folding leaves alone. Where the model cannot be traced, or masks are put on its weights
    in every pass, the model itself takes its place.
    """

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._folded: list[tuple[nn.Module, Any, Any]] = []
        with evaluating(model):
            self._copy = model if is_pruned(model) else folded(model)
            if self._copy is not model:
                self._share(fx.symbolic_trace(model))

    def _share(self, traced: fx.GraphModule) -> None:
        """Note what is folded into what, and take all other tensors from the model."""
        kept = {node.target for node in self._copy.graph.nodes}  # type: ignore[union-attr]
        gone = [node for node in traced.graph.nodes if node.op == "call_module" and node.target not in kept]
        pairs = {str(node.args[0].target): str(node.target) for node in gone}
        find = self._model.get_submodule
        self._folded = [(self._copy.get_submodule(layer), find(layer), find(norm)) for layer, norm in pairs.items()]
        tensors = self._model.state_dict(keep_vars=True)
        shared = {name for name in self._copy.state_dict() if name.rpartition(".")[0] not in pairs}
        self._copy.load_state_dict({name: tensors[name] for name in shared}, strict=False, assign=True)

    def current(self) -> nn.Module:
        """The copy with the model's weights and statistics of now; to be used in eval mode."""
        with torch.no_grad():
            for fused, layer, norm in self._folded:
                fuse_weights = fuse_linear_bn_weights if isinstance(layer, nn.Linear) else fuse_conv_bn_weights
                weight, bias = fuse_weights(
                    layer.weight, layer.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
                )
                fused.load_state_dict({"weight": weight, "bias": bias})
        return self._copy
