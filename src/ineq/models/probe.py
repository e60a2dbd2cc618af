"""Whether a model can be measured: it answers each image by itself, always the same, and has gradients if need be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, compress

import torch
from torch import nn

from ineq.errors import InputError
from ineq.models.forward import ask, blaming, evaluating, logits_of, predict_logits, refuse_infinite

ALIKE = 0.02
"""Two answers differ if it is by more than this share of the largest logit: rounding does less, in bfloat16 too."""


def classes_of(model: nn.Module, images: torch.Tensor, batch_size: int | None = None) -> int:
    """How many classes a model tells apart, found with a few of pixel images (N, C, H, W).

    Raises `InputError` as `predict_logits` does, and where the model is none that a measurement can be made of: it
    answers at random, its answer for an image depends on the batch, or it changes its weights or buffers.
    """
    some = images[:4]
    with evaluating(model), _same_tensors(model):
        alone = logits_of(model, some, 1)
        # Beside images of which nothing is known but that they differ.
        beside = logits_of(model, torch.cat([some, 1 - some]), batch_size)[: len(some)]
        both = torch.cat([alone, beside]).cpu()
        refuse_infinite(both)
        alone, beside = both.split(len(some))
        if not _alike(alone, beside):
            again = predict_logits(model, some, 1)
            raise InputError(
                "the model's answer for an image depends on the others in the batch, expected each image by itself "
                "(batch normalisation needs running statistics)"
                if _alike(alone, again)
                else "the model answers at random, expected the same answer for the same image (is dropout always on?)"
            )
    return alone.shape[1]


def _alike(one: torch.Tensor, other: torch.Tensor) -> bool:
    return float((other - one).abs().max()) <= ALIKE * float(one.abs().max())


@contextmanager
def _same_tensors(model: nn.Module) -> Iterator[None]:
    """Raise `InputError` where a parameter or buffer is changed inside; it gets its values back."""
    before = [
        (module, name, tensor, tensor.detach().clone())
        for module in model.modules()
        for name, tensor in chain(module.named_buffers(recurse=False), module.named_parameters(recurse=False))
        if tensor.layout == torch.strided and not (tensor.is_meta or tensor.is_quantized)
    ]
    changed = []
    try:
        yield
    finally:
        places = [values.device for *_, values in before[:1]]
        differ = [_differ(getattr(module, name, None), values).to(places[0]) for module, name, _, values in before]
        # All at once: each answer that is asked for makes the CPU wait for a GPU.
        changed = list(compress(before, torch.stack(differ).tolist() if differ else []))
        for module, name, tensor, values in changed:
            setattr(module, name, tensor)
            with torch.no_grad():
                if tensor.shape != values.shape:
                    tensor.data = values
                else:
                    tensor.copy_(values)  # others may share its memory
    if changed:
        raise InputError(f"the model changes its '{changed[0][1]}' in eval mode, expected one that stays as it is")


def _differ(now: torch.Tensor | None, before: torch.Tensor) -> torch.Tensor:
    """Whether a tensor is another one than before, bool (); a NaN, which differs from itself, counts as the same."""
    if now is None or now.shape != before.shape:
        return torch.ones((), dtype=torch.bool)
    return ((now != before) & (before == before)).any()


def refuse_without_gradient(model: nn.Module, images: torch.Tensor) -> None:
    """Raise `InputError` unless a model's logits can be differentiated at the first of pixel images (N, C, H, W)."""
    with evaluating(model), torch.inference_mode(False), torch.enable_grad():
        pixels = images[:1].clone().requires_grad_()
        with blaming("the model can't be differentiated with respect to the images"):
            torch.autograd.grad(ask(model, pixels)[:, 0].sum(), pixels)
