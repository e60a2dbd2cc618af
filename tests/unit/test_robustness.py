"""AutoAttack, PGD and their accuracy: exact on linear models, where what is robust is known by hand."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from ineq.analysis.robustness import COLUMNS
from ineq.analysis.robustness import robustness as robustness_table
from ineq.attacks.autoattack import auto_attack
from ineq.attacks.budgets import ATTACKS, KEYS, Budget, budgets, consistent
from ineq.attacks.robustness import Settings, robustness
from ineq.data.subset import draw_subset
from ineq.errors import InputError
from ineq.models.architectures import build
from ineq.models.normalized import Normalized
from ineq.statistics.intervals import share_interval

torch.set_num_threads(1)
COUNT, SIDE = 12, 5


def linear(classes: int) -> nn.Sequential:
    """A linear model without a bias; of images around gray, none of an attack's budget is cut at 0 or 1."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(SIDE**2, classes, bias=False))
    model[1].weight.data = torch.randn(classes, SIDE**2, generator=torch.Generator().manual_seed(1))  # type: ignore[union-attr]
    return model.eval().requires_grad_(False)


def batch(model: nn.Module) -> tuple[torch.Tensor, torch.Tensor]:
    """Images in [0.3, 0.7] with the classes that the model sees, but for the first one."""
    images = 0.3 + 0.4 * torch.rand(COUNT, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    labels = model(images).argmax(1)
    labels[0] = (labels[0] + 1) % int(labels.max() + 1)
    return images, labels


def distances(model: Any, images: torch.Tensor, labels: torch.Tensor, norm: str) -> np.ndarray:
    """How far each image may be moved before another class wins: margin over the dual norm of the weights, (N,)."""
    weights, logits = model[1].weight, model(images)
    found = []
    for label, row in zip(labels.tolist(), logits, strict=True):
        others = [other for other in range(len(row)) if other != label]
        gaps = torch.stack([row[label] - row[other] for other in others])
        slopes = torch.stack([weights[label] - weights[other] for other in others])
        found.append(float((gaps / slopes.norm(dim=1, p=1 if norm == "linf" else 2)).min()))
    return np.array(found)


def between(values: np.ndarray) -> float:
    """A budget in the widest gap between the middle distances, so that rounding decides nothing."""
    known = np.sort(values)
    middle = known[3:9]
    at = int(np.diff(middle).argmax())
    return float(middle[at : at + 2].mean())


@pytest.mark.parametrize(("norm", "classes"), [("linf", 5), ("l2", 3)])
def test_on_a_linear_model_both_attacks_find_all_there_is(norm: str, classes: int) -> None:
    model = linear(classes)
    images, labels = batch(model)
    far = distances(model, images, labels, norm)
    epsilon = between(far)
    budget = {"common": Budget(norm, epsilon)}
    table = robustness(model, images, labels, np.arange(COUNT), budget, Settings(steps=40, seed=0))
    assert table["clean"].tolist() == [0] + [1] * (COUNT - 1)
    wanted = (far > epsilon).astype(int)
    assert 0 < wanted.sum() < COUNT - 1
    assert table["autoattack"].tolist() == wanted.tolist()
    assert table["pgd"].tolist() == wanted.tolist()


def test_no_gradient_is_left_in_the_callers_weights() -> None:
    model = linear(3)
    images, labels = batch(model)
    epsilon = between(distances(model, images, labels, "linf"))
    auto_attack(model.requires_grad_(), images, labels, epsilon=epsilon, norm="linf", seed=0)
    assert all(weights.requires_grad and weights.grad is None for weights in model.parameters())


@pytest.fixture
def network() -> Normalized:
    model = Normalized(build({"name": "resnet8", "width": 4, "channels": 1, "classes": 10}, seed=3), [0.3], [0.4])
    return model.eval().requires_grad_(False)


def test_the_same_seed_gives_the_same_and_torchs_draws_go_on_as_if_nothing_had_been(network: Normalized) -> None:
    images = torch.rand(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    labels = network(images).argmax(1)
    before, network.training = torch.get_rng_state(), True
    fake = Fake.by(lambda found, epsilon: found + epsilon * (torch.rand_like(found) - 0.5), clamped=True)
    runs = [
        auto_attack(network, images, labels, epsilon=0.3, norm="linf", seed=seed, make=fake) for seed in (0, 0, 1, 2, 3)
    ]
    assert torch.equal(before, torch.get_rng_state()) and network.training
    assert runs[0].tolist() == runs[1].tolist()
    seeds = [one.seeds for one in Fake.made]
    assert seeds[0] == seeds[1] and len({tuple(one) for one in seeds}) == 4


def test_the_package_itself_draws_the_same_twice() -> None:
    from pyautoattack import AutoAttack

    model, found = linear(5), []
    images, labels = batch(model)

    class Shorter(AutoAttack):
        def __init__(self, model: nn.Module, **options: Any):
            super().__init__(model, **options)
            self.attacks_to_run, self.square.n_queries, self.fab.n_iter = ["fab-t", "square"], 20, 5

        def run_standard_evaluation(self, *images: torch.Tensor, **options: Any) -> Any:
            made = super().run_standard_evaluation(*images, **options)
            found.append(made[0])
            return made

    epsilon = between(distances(model, images, labels, "linf"))
    before = torch.get_rng_state()
    for draws in range(2):
        torch.manual_seed(draws)
        auto_attack(model, images, labels, epsilon=epsilon, norm="linf", seed=0, make=Shorter)
        assert not torch.equal(found[-1], images[1:])
    torch.set_rng_state(before)
    assert len(found) == 4 and torch.equal(found[0], found[2]) and torch.equal(found[1], found[3])


class Fake:
    """In the package's place: three attacks that move every image as they are told, and write down their seeds."""

    made: list[Fake] = []  # noqa: RUF012

    def __init__(self, move: Any, clamped: bool, epsilon: float):
        self.move, self.clamped, self.epsilon = move, clamped, epsilon
        self.attacks_to_run = ["one", "two", "apgd-t"]
        self.apgd_targeted, self.fab = nn.Module(), nn.Module()
        self.seed, self.seeds, self.shown = 0, [], []
        Fake.made.append(self)

    @classmethod
    def by(cls, move: Any, clamped: bool = False) -> Any:
        cls.made = []
        return lambda model, *, norm, eps, version, device: cls(move, clamped, eps)

    def run_standard_evaluation(self, images: torch.Tensor, labels: torch.Tensor, *, batch_size: int) -> Any:
        torch.random.manual_seed(self.seed)
        self.seeds.append(self.seed)
        self.shown.append((*self.attacks_to_run, len(images), batch_size))
        print("much to say")
        logging.getLogger("auto-attack").warning("a warning. See flags_doc.md for details.")
        found = self.move(images, self.epsilon)
        return found.clamp(0, 1) if self.clamped else found, labels


BAD = {
    "too far": lambda found, epsilon: found + 1.01 * epsilon,
    "below 0": lambda found, epsilon: found - 0.5,
    "not finite": lambda found, epsilon: found * float("nan"),
}


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("how", BAD)
def test_an_attack_that_leaves_the_ball_is_noticed(norm: str, how: str) -> None:
    model = linear(3)
    images, labels = batch(model)
    epsilon = 1.0 if how == "below 0" and norm == "linf" else 0.1
    with pytest.raises(RuntimeError, match="AutoAttack gave images"):
        auto_attack(model, images, labels, epsilon=epsilon, norm=norm, seed=0, make=Fake.by(BAD[how]))


def test_claims_are_not_taken_at_their_word_and_prints_not_handed_on(capsys: pytest.CaptureFixture[str]) -> None:
    """The fake attack moves nothing: every image that was right stays so, and goes through each attack."""
    model, said, steps = linear(3), [], []
    images, labels = batch(model)
    right = auto_attack(
        model,
        images,
        labels,
        epsilon=0.1,
        norm="l2",
        seed=0,
        batch_size=8,
        report=said.append,
        progress=lambda done, total: steps.append((done, total)),
        make=Fake.by(lambda found, epsilon: found),
    )
    assert right.tolist() == [False] + [True] * (COUNT - 1)
    # Of three classes, none is the fourth: one attack is left out. What was wrong untouched is not attacked.
    assert Fake.made[0].shown == [("one", 8, 8), ("one", 3, 3), ("two", 8, 8), ("two", 3, 3)]
    assert Fake.made[0].fab.n_target_classes == 2
    assert said == ["AutoAttack says: a warning."] and capsys.readouterr() == ("", "")
    assert steps == [(8, 24), (12, 24), (20, 24), (24, 24)]


def test_equal_budgets_are_computed_once_and_told_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    model, calls, said = linear(3), [], []
    images, labels = batch(model)

    def all_right(*_: Any, **options: Any) -> np.ndarray:
        calls.append((options["norm"], options["epsilon"]))
        return np.ones(COUNT, bool)

    monkeypatch.setattr("ineq.attacks.robustness.auto_attack", all_right)
    asked = budgets(0.3, {"norm": "linf", "epsilon": 0.3})
    table = robustness(model, images, labels, np.arange(COUNT), asked, Settings(5, 0), report=said.append)
    assert calls == [("linf", 0.3)] and table["budget"].tolist() == ["common"] * COUNT + ["own"] * COUNT
    first, second = (part.drop(columns="budget").reset_index(drop=True) for _, part in table.groupby("budget"))
    pd.testing.assert_frame_equal(first, second)
    # An image wrong untouched is not right under an attack, and PGD has found what the made-up attack has not.
    assert table["autoattack"].tolist()[0] == 0 and table["pgd"].sum() < table["autoattack"].sum()
    assert len(said) == 2 and said[1].startswith("warning: linf ε = 0.3: a stronger attack")
    assert list(budgets(0.1, {"norm": "none", "epsilon": 0})) == ["common"]
    assert budgets(0.1, {"norm": "l2", "epsilon": 0.5})["own"] == Budget("l2", 0.5)


def test_the_subset_is_of_the_whole_split_and_grows_at_its_end() -> None:
    labels = np.arange(50)
    small, big = draw_subset(labels, 5, 0), draw_subset(labels, 50, 0)
    assert big[:5].tolist() == small.tolist() and sorted(big) == labels.tolist()
    assert draw_subset(labels, 5, 1).tolist() != small.tolist()
    with pytest.raises(InputError, match="the split has only 50 images, expected 51"):
        draw_subset(labels, 51, 0)


def test_wilsons_interval() -> None:
    # Newcombe (1998), Table I: 81 of 263 and 15 of 148.
    assert share_interval(81, 263)[1:] == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert share_interval(15, 148)[1:] == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert share_interval(0, 20)[:2] == (0, 0) and share_interval(20, 20).high == 1
    assert np.isnan(share_interval(0, 0)).all()


def test_the_table_says_whether_stronger_attacks_do_better() -> None:
    rows = {"image": [7, 3], "budget": "common", "norm": "linf", "epsilon": 0.1, "clean": [1, 1], "pgd": [1, 0]}
    table = robustness_table({"a": pd.DataFrame({**rows, "autoattack": [0, 0]})})
    assert list(table) == COLUMNS and set(KEYS) <= set(table)
    assert dict(zip(table["attack"], table["accuracy"], strict=True)) == {"clean": 1, "pgd": 0.5, "autoattack": 0}
    assert table["consistent"].all() and set(table["images"]) == {2}
    assert not robustness_table({"a": pd.DataFrame({**rows, "autoattack": [1, 1]})})["consistent"].any()
    assert list(robustness_table({})) == COLUMNS
    assert not consistent(dict(zip(ATTACKS, (1, 2, 0), strict=True)))
