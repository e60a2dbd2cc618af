"""Training: it learns, it is a function of its arguments, and a kill leaves no trace in the result."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from trainings import HELD_OUT, NETWORK, RECIPE, RECIPES, SCHEDULE, STANDARD, TRAIN, killed_after, result

from ineq.data.dataset import Split
from ineq.device import device
from ineq.errors import InputError
from ineq.models.averaging import WeightAverage
from ineq.models.forward import predict_logits, silent
from ineq.models.recipe import Recipe
from ineq.models.training import TrainedModel, _lines, _Run, train

torch.set_num_threads(1)


def keep(model: object) -> None:
    """A model as it is built."""


def run(path: Path | None = None, **changes: Any) -> TrainedModel:
    options = {"recipe": RECIPE, "schedule": SCHEDULE, "state": path, "state_key": "key", **changes}
    return train(TRAIN, HELD_OUT, **NETWORK, **options)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_learns_and_goes_on_after_a_kill(tmp_path: Path, name: str) -> None:
    options = {"recipe": RECIPES[name], "schedule": replace(SCHEDULE, epochs=6)}
    whole = run(**options)
    # What 6 epochs on 330 images give; the standard network has about 0.2 under this attack.
    assert whole.log[-1]["test_accuracy"] > 0.7
    assert RECIPES[name].norm != "linf" or whole.log[-1]["test_pgd_accuracy"] > 0.35
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "state", report=killed_after(4), **options)
    lines: list[str] = []
    again = run(tmp_path / "state", report=lines.append, **options)
    assert lines[0].startswith("training goes on after epoch 4")
    assert result(again, tmp_path / "again") == result(whole, tmp_path / "whole")


def test_a_state_that_did_not_fit_on_the_device_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "state", report=killed_after(1))
    before = (tmp_path / "state").read_bytes()

    def full(*_: Any, **__: Any) -> None:
        raise torch.cuda.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(torch, "load", full)
    with pytest.raises(torch.cuda.OutOfMemoryError):
        run(tmp_path / "state")
    assert (tmp_path / "state").read_bytes() == before


def test_a_split_that_does_not_fit_in_memory_is_refused_before_it_is_decoded() -> None:
    class Files:
        shape = (10**9, 3, 224, 224)
        dtype = np.dtype(np.float32)

        def __array__(self, *_: Any, **__: Any) -> np.ndarray:
            raise AssertionError("it was decoded")

    huge = Split(Files(), np.zeros(10**9, np.int8), ("a", "b"))  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"shape \(3, 224, 224\) take 602112\.0 GB as float32, expected at most"):
        train(huge, HELD_OUT, **NETWORK, recipe=STANDARD, schedule=SCHEDULE)


def test_a_card_can_say_for_how_long() -> None:
    trained = run(recipe=replace(STANDARD, epochs=2))
    assert [row["epoch"] for row in trained.log] == [1, 2]
    assert trained.log[-1]["learning_rate"] == 0, "the cycle is as long"


def test_an_average_of_weights_is_that_of_torch() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    average = WeightAverage(0.9)
    others = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(0.9), use_buffers=True)
    for step in range(5):
        with torch.no_grad():
            for tensor in network.state_dict().values():
                tensor.add_(step + 1)
        average.update(network)
        others.update_parameters(network)
    wanted = others.module.state_dict()
    for name, tensor in average.tensors.items():
        if tensor.is_floating_point():
            torch.testing.assert_close(tensor, wanted[name], msg=name)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with average.applied(network):
        torch.testing.assert_close(network.state_dict(), average.tensors)
    torch.testing.assert_close(network.state_dict(), before)


def test_the_model_is_the_average_that_was_measured() -> None:
    recipe = replace(STANDARD, ema=0.99)
    averaged, last = run(recipe=recipe), run(recipe=STANDARD)
    assert [row["loss"] for row in averaged.log] == [row["loss"] for row in last.log], "trained alike"
    weights = (trained.model.state_dict()["network.0.weight"] for trained in (averaged, last))
    assert not torch.equal(*weights)
    images = torch.from_numpy(HELD_OUT.images).to(device())
    found = predict_logits(averaged.model, images).argmax(1).numpy() == HELD_OUT.labels
    assert averaged.log[-1]["test_accuracy"] == pytest.approx(found.mean())


def test_momentum_is_nesterovs() -> None:
    """Two steps with v ← μv + g and w ← w − η(g + μv), on weights that decay and gradients that are known."""
    training = _Run(TRAIN, HELD_OUT, **NETWORK, recipe=STANDARD, schedule=SCHEDULE, progress=silent, prepare=keep)
    weight = training.model.network[0].weight
    wanted, velocity = weight.detach().clone(), torch.zeros_like(weight)
    for step in (1, 2):
        training.rate = SCHEDULE.learning_rate
        gradient = step + SCHEDULE.weight_decay * wanted
        velocity = SCHEDULE.momentum * velocity + gradient
        wanted = wanted - SCHEDULE.learning_rate * (gradient + SCHEDULE.momentum * velocity)
        training._descend([torch.full_like(parameter, step) for parameter in training.parameters])
    torch.testing.assert_close(weight.detach(), wanted)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, str]:
    return result(run(), tmp_path_factory.mktemp("whole") / "checkpoint")


@pytest.mark.parametrize("recipe", [STANDARD, RECIPE])
def test_it_learns_and_logs(recipe: Recipe) -> None:
    trained = run(recipe=recipe, schedule=replace(SCHEDULE, epochs=6))
    first, last = trained.log[0], trained.log[-1]
    assert [row["epoch"] for row in trained.log] == list(range(1, 7))
    assert last["test_accuracy"] > 0.7
    assert last["loss"] < first["loss"] * 0.7
    assert [row["epsilon"] for row in trained.log[:3]] == ([0, 0, 0] if recipe is STANDARD else [0.05, 0.1, 0.1])
    assert list(last) == [
        "epoch",
        "learning_rate",
        "epsilon",
        "loss",
        "train_accuracy",
        "test_accuracy",
        "test_pgd_accuracy",
    ]
    assert not any(module.training for module in trained.model.modules())


def test_the_learning_rate_rises_to_its_peak_and_falls_to_nothing() -> None:
    rates = [SCHEDULE.rate(progress) for progress in (0.0, 0.15, 0.3, 0.65, 1.0)]
    assert rates == pytest.approx([0, 0.05, 0.1, 0.05, 0])


def test_a_run_is_a_function_of_its_arguments(undisturbed: tuple[bytes, str], tmp_path: Path) -> None:
    torch.manual_seed(99)
    np.random.seed(99)
    before = torch.get_rng_state()
    assert result(run(), tmp_path / "again") == undisturbed
    assert torch.equal(before, torch.get_rng_state())
    assert result(run(recipe=replace(RECIPE, seed=1)), tmp_path / "other")[0] != undisturbed[0]


@pytest.mark.parametrize("epoch", [1, 3])
def test_a_stopped_run_goes_on_as_if_nothing_had_happened(
    undisturbed: tuple[bytes, str], tmp_path: Path, epoch: int
) -> None:
    lines: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "state", report=killed_after(epoch))
    assert result(run(tmp_path / "state", report=lines.append), tmp_path / "checkpoint") == undisturbed
    assert lines[0].startswith(f"training goes on after epoch {epoch}")
    assert len(lines) == 1 + 3 - epoch
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint", "state"]


def test_a_killed_process_goes_on_too(undisturbed: tuple[bytes, str], tmp_path: Path) -> None:
    code = (
        f"import sys; sys.path[:0] = {[str(path) for path in Path(__file__).parents[:2]]!r};"
        "import os, pathlib, test_training as t;"
        "stop = lambda line: line.startswith('epoch 2/') and os.kill(os.getpid(), 9);"
        f"t.run(pathlib.Path({str(tmp_path / 'state')!r}), report=stop)"
    )
    ended = subprocess.run([sys.executable, "-c", code], env=dict(os.environ))
    assert ended.returncode == -signal.SIGKILL
    assert result(run(tmp_path / "state"), tmp_path / "checkpoint") == undisturbed


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (lambda data: data[: len(data) // 2], "is not readable"),
        (lambda data: data.replace(data[len(data) // 2 :][:9], b"123456789"), "is not readable"),
        (lambda data: b"hello", "is not readable"),
        (lambda data: b"", "is not readable"),
        (lambda data: data, "belongs to another run"),
    ],
)
def test_a_state_of_no_use_is_ignored_with_a_line(
    undisturbed: tuple[bytes, str], tmp_path: Path, content: Callable[[bytes], bytes], sentence: str
) -> None:
    state, lines = tmp_path / "state", []
    with pytest.raises(KeyboardInterrupt):
        run(state, report=killed_after(1), state_key="another", recipe=replace(RECIPE, seed=7))
    state.write_bytes(content(state.read_bytes()))
    assert result(run(state, report=lines.append), tmp_path / "checkpoint") == undisturbed
    assert lines[0].startswith("training from the start")
    assert sentence in lines[0]


def test_a_state_is_never_unpickled_freely(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple:
            return os.mkdir, (str(tmp_path / "evil"),)

    lines: list[str] = []
    torch.save({"key": "key", "log": Evil()}, tmp_path / "state")
    run(tmp_path / "state", recipe=STANDARD, schedule=replace(SCHEDULE, epochs=1), report=lines.append)
    assert not (tmp_path / "evil").exists()
    assert "is not readable" in lines[0]


def test_a_loss_that_is_not_finite_is_one_sentence() -> None:
    with pytest.raises(
        InputError, match=r"the loss is (nan|inf) in epoch \d, expected a finite one, lower learning_rate"
    ):
        run(recipe=STANDARD, schedule=replace(SCHEDULE, learning_rate=1e30))


def test_catastrophic_overfitting_is_noticed() -> None:
    row = {"epoch": 1, "loss": 1.0, "train_accuracy": 0.9, "test_accuracy": 0.9}
    log = [row | {"test_pgd_accuracy": accuracy} for accuracy in (0.8, 0.41)]
    assert len(_lines(log, 3, RECIPE)) == 1
    log[-1]["test_pgd_accuracy"] = 0.39
    assert _lines(log, 3, RECIPE)[1] == "catastrophic overfitting: PGD accuracy fell from 0.800 to 0.390"
    assert len(_lines(log, 3, STANDARD)) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"norm": "l7"}, "unknown norm of the training 'l7', expected one of l2, linf, none"),
        ({"attack": "fgsm"}, "unknown attack of the training 'fgsm', expected one of n-fgsm, pgd"),
        ({"attack": "n-fgsm"}, "N-FGSM is given norm 'linf' and 2 steps, expected 'linf' and 1"),
        ({"attack": "n-fgsm", "steps": 1, "norm": "l2"}, "N-FGSM is given norm 'l2' and 1 steps"),
        ({"ema": 1.0}, "ema is 1, expected a decay above 0 and below 1"),
        ({"epochs": 0}, "epochs is 0, expected a whole number of at least 1"),
        ({"step_size": 0.0}, "noise is None and step_size 0.0, expected at least 0, and above 0"),
    ],
)
def test_what_does_not_fit_together_is_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        replace(RECIPE, **changes)
