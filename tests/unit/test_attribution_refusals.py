"""What `attribute` refuses, each in one sentence that names what was given and what is wanted."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from ineq.attribution.methods import attribute
from ineq.errors import InputError

torch.set_num_threads(1)


def linear() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(48, 5))


X, Y, M = torch.full((2, 3, 4, 4), 0.5), torch.tensor([0, 1]), linear()


class Answer(nn.Module):
    """A model that answers whatever it is told to."""

    def __init__(self, answer: Callable) -> None:
        super().__init__()
        self.answer = answer

    def forward(self, images: torch.Tensor):
        return self.answer(images)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: attribute(M, X[0], Y), r"expected \(N, C, H, W\)"),
        (lambda: attribute(M, X[:0], Y[:0]), "shape"),
        (lambda: attribute(M, X * 255, Y), "values from 127.5 to 127.5"),
        (lambda: attribute(M, X - 1, Y), r"in \[0, 1\]"),
        (lambda: attribute(M, X * torch.nan, Y), "nan"),
        (lambda: attribute(M, torch.where(X > 2, 0, torch.tensor([torch.nan, 0.5, 0.5, 0.5])), Y), "nan"),
        (lambda: attribute(M, X.to(torch.uint8), Y), "images are torch.uint8"),
        (lambda: attribute(M, X.numpy().astype(np.int32), Y), "images are int32"),
        (lambda: attribute(M, X.to(torch.complex64), Y), "complex64"),
        (lambda: attribute(M, X.tolist(), Y), "images are a list"),  # type: ignore[type-var]
        (lambda: attribute(M, X.to("meta"), Y), "on meta"),
        (lambda: attribute(M, X, Y.to("meta")), "labels are on meta"),
        (lambda: attribute(M.to("cpu"), X, Y.float()), "expected integer"),
        (lambda: attribute(M, X, Y > 0), "torch.bool"),
        (lambda: attribute(M, X, Y.numpy() > 0), "labels are bool"),
        (lambda: attribute(M, X, Y[:1]), r"labels have shape \(1,\), expected \(2,\)"),
        (lambda: attribute(M, X, Y - 1), "go down to -1"),
        (lambda: attribute(M, X, Y + 4), "up to 5, expected 0 to 4"),
        (lambda: attribute(M, X, Y, "integrated_gradient"), "did you mean 'integrated_gradients'"),
        (lambda: attribute(M, X, Y, None), "unknown attribution method 'None'"),  # type: ignore[arg-type]
        (lambda: attribute(M, X, Y, step=3), "did you mean 'steps'"),
        (lambda: attribute(M, X, Y, "input_x_gradient", steps=3), "unknown option of input_x_gradient"),
        (lambda: attribute(M, X, Y, steps=0), "steps is 0"),
        (lambda: attribute(M, X, Y, "gradient_shap", samples=0), "samples is 0"),
        (lambda: attribute(M, X, Y, "gradient_shap", stdev=-1), "stdev is -1"),
        (lambda: attribute(M, X, Y, "smoothgrad", stdev=torch.nan), "stdev is nan"),
        (lambda: attribute(M, X, Y, "smoothgrad", base="gradients"), "did you mean 'gradient'"),
        (lambda: attribute(M, X, Y, "smoothgrad", type="smoothgrad_squared"), "did you mean 'smoothgrad_sq'"),
        (lambda: attribute(M, X, Y, baseline="zeros"), "did you mean 'zero'"),
        (lambda: attribute(M, X, Y, seed=-1), "seed is -1"),
        (lambda: attribute(M, X, Y, batch_size=0), "batch_size is 0"),
        (lambda: attribute(M, X, Y, indices=[0]), "indices"),
        (lambda: attribute(M, X, Y, indices=[1, 1]), "twice"),
        (lambda: attribute(M, X, Y, indices=[-1, 1]), "negative"),
        (lambda: attribute(M, X, Y, indices=[0.0, 1.0]), "float64"),  # type: ignore[list-item]
        (lambda: attribute(M, X, Y, mean=0.5), "only one of mean and std"),
        (lambda: attribute(M, X, Y, mean=[0.5, 0.5], std=[1, 1]), "one value or 3"),
        (lambda: attribute(M, X, Y, mean=0, std=0), "above 0"),
        (lambda: attribute(M, X[:, :1], Y), "the model refuses images of shape"),
        (lambda: attribute(Answer(lambda images: images), X, Y), r"expected logits"),
        (lambda: attribute(Answer(lambda images: None), X, Y), "gives a NoneType"),
        (lambda: attribute(Answer(lambda images: images.flatten(1) / 0), X, Y), "logits hold NaN or infinite"),
        (lambda: attribute(Answer(lambda images: (images.flatten(1) - 0.5).sqrt()), X, Y, "input_x_gradient"), "NaN"),
    ],
)
def test_bad_input_is_refused(call: Callable, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()


def test_a_model_on_another_device_is_refused() -> None:
    with pytest.raises(InputError, match="images are on cpu, expected meta, as the model"):
        attribute(linear().to("meta"), X, Y)
