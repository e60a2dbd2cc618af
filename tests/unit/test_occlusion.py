"""Inductive occlusion, image by image against Algorithm 1 in plain loops; and its three readings by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from ineq.attacks.criteria import success
from ineq.attacks.names import COLORS, WHERE
from ineq.attacks.occlusion import Occlusion, occlusion_attack
from ineq.attacks.outcome import ARRAYS, Outcome
from ineq.attacks.run import attack_outcome
from ineq.attacks.target import attacked_images
from ineq.data.random_fields import permutations
from ineq.errors import InputError
from ineq.models.architectures import build
from ineq.models.forward import predict_logits
from ineq.models.normalized import Normalized

torch.set_num_threads(1)
COUNT, SHAPE, CLASSES, REGION = 24, (2, 6, 9), 4, 3  # 2 × 3 regions of 3 × 3 pixels


@pytest.fixture(scope="module")
def model() -> nn.Module:
    torch.manual_seed(1)
    net = nn.Sequential(nn.Flatten(), nn.Linear(108, 16), nn.ReLU(), nn.Linear(16, CLASSES))
    return Normalized(net, (0.4, 0.6), (0.2, 0.3))


@pytest.fixture(scope="module")
def data(model) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Images, labels (mostly the model's own predictions), and maps full of ties between regions."""
    rng = np.random.default_rng(0)
    maps = np.zeros((COUNT, *SHAPE), np.float32)
    maps[:, :, 1::3, 1::3] = rng.integers(-2, 3, (COUNT, 2, 2, 3))
    maps[0] = 0
    labels = predict_logits(model, images := torch.from_numpy(rng.random((COUNT, *SHAPE), dtype=np.float32))).argmax(1)
    labels[-1] = (labels[-1] + 1) % CLASSES
    return images, labels, torch.from_numpy(maps)


def plain_order(values, index: int, where: str, importance: str, seed: int, draw: int) -> list[int]:
    """Regions of one map in the order in which they are covered."""
    weigh = {"signed": float, "absolute": abs, "positive": lambda value: max(value, 0.0)}[importance]
    sums = []
    for row in range(0, SHAPE[1], REGION):
        for column in range(0, SHAPE[2], REGION):
            total = 0.0
            for c in range(SHAPE[0]):
                for y in range(row, row + REGION):
                    for x in range(column, column + REGION):
                        total += weigh(float(values[c, y, x]))
            sums.append(total)
    if where == "random":
        return permutations(seed, "occlusion-regions", [index], len(sums), draw)[0].tolist()
    sign = -1 if where == "important" else 1
    return sorted(range(len(sums)), key=lambda k: (sign * sums[k], k))


def plain_occlusion(image, order: list[int], n: int, r: int, color: str) -> tuple[torch.Tensor, float]:
    """x' = (1 − M) · x + M · c for one image, and the share of pixels under M."""
    columns, covered, changed = SHAPE[2] // REGION, 0, image.clone()
    for y in range(SHAPE[1]):
        for x in range(SHAPE[2]):
            for k in order[:n]:
                cy, cx = k // columns * REGION + REGION // 2, k % columns * REGION + REGION // 2
                if cy - r <= y < cy + r and cx - r <= x < cx + r:
                    fixed = {"black": 0.0, "gray": 0.5, "white": 1.0}.get(color)
                    changed[:, y, x] = image.mean(dim=(1, 2)) if fixed is None else fixed
                    covered += 1
                    break
    return changed, covered / (SHAPE[1] * SHAPE[2])


def algorithm_1(model, image, label: int, order: list[int], count: int, radius: int, color: str) -> dict:
    """The first success of Algorithm 1's loops, else the last try, and the prediction of every try."""
    tries = [
        (n, r, *plain_occlusion(image, order, n, r, color)) for n in range(1, count + 1) for r in range(1, radius + 1)
    ]
    predictions = predict_logits(model, torch.stack([changed for _, _, changed, _ in tries])).argmax(1).tolist()
    outcome = {"grid": np.reshape(predictions, (count, radius)), "count": 0, "radius": 0}
    for (n, r, changed, area), prediction in zip(tries, predictions, strict=True):
        outcome |= {"image": changed, "area": area, "prediction": prediction}
        if prediction != label:
            return outcome | {"count": n, "radius": r}
    return outcome


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("where", WHERE)
def test_attack_is_algorithm_1(where: str, color: str, model, data) -> None:
    images, labels, maps = data
    options: dict[str, Any] = {
        "count": 4,
        "radius": 3,
        "color": color,
        "region": REGION,
        "where": where,
        "seed": 5,
        "draw": 1,
    }
    result = occlusion_attack(model, images, labels, maps, **options, batch_size=7)
    for i in range(COUNT):
        order = plain_order(maps[i], i, where, "signed", 5, 1)
        expected = algorithm_1(model, images[i], int(labels[i]), order, 4, 3, color)
        np.testing.assert_array_equal(result.grid[i].numpy(), expected["grid"])
        assert (int(result.count[i]), int(result.radius[i])) == (expected["count"], expected["radius"])
        assert int(result.predictions[i]) == expected["prediction"]
        assert bool(result.success[i]) == (expected["prediction"] != int(labels[i])) == (expected["count"] > 0)
        torch.testing.assert_close(result.images[i], expected["image"], atol=1e-6, rtol=0)
        assert float(result.area[i]) == pytest.approx(expected["area"])
    assert result.grid.dtype == result.predictions.dtype == result.count.dtype == torch.int64
    assert result.success.dtype == torch.bool and bool(result.success[-1]) and int(result.count[-1]) == 1


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("count, radius", [(1, 1), (3, 2), (6, 20)])
def test_an_occluded_image_has_just_the_squares_of_its_budget(color: str, count: int, radius: int, data) -> None:
    images, _, maps = data
    budget = {"count": count, "radius": radius}
    attack = Occlusion(count, radius, colors=(color,), region=REGION)
    painted = attacked_images(attack, images.numpy(), maps.numpy(), setting=color, budget=budget)
    for i in range(COUNT):
        expected, _ = plain_occlusion(
            images[i], plain_order(maps[i], i, "important", "signed", 0, 0), count, radius, color
        )
        torch.testing.assert_close(painted[i], expected, atol=1e-6, rtol=0)


def test_the_comparison_above_sees_early_and_late_successes_and_failures(model, data) -> None:
    result = occlusion_attack(model, *data, count=4, radius=3, region=REGION)
    assert {0, 1, 2} <= set(result.count.tolist()) and {0, 1, 2} <= set(result.radius.tolist())


def occlusion_outcome(model, images, maps, *, labels=None, where=WHERE, draws=1, seed=0, **options: Any) -> Outcome:
    truth = np.zeros(len(images), np.int64) if labels is None else labels
    keys = {name: options.pop(name) for name in ("indices", "batch_size") if name in options}
    return attack_outcome(Occlusion(**options), model, images, truth, maps, where=where, draws=draws, seed=seed, **keys)


@pytest.mark.parametrize("importance", ["signed", "absolute", "positive"])
def test_outcome_holds_every_attack(importance: str, model, data) -> None:
    images, labels, maps = data
    options: dict[str, Any] = {"region": REGION, "importance": importance, "count": 3, "radius": 2, "seed": 5}
    outcome = occlusion_outcome(model, images, maps, colors=list(COLORS), draws=2, **options)
    assert outcome.settings == list(COLORS) and set(outcome.prediction) == set(WHERE)
    assert all(one.dtype == np.int16 for one in (outcome.clean, *outcome.prediction.values()))
    np.testing.assert_array_equal(outcome.clean, predict_logits(model, images).argmax(1).numpy())
    for where in WHERE:
        grids = outcome.prediction[where]
        assert grids.shape == (len(COLORS), 3, 2, 2 if where == "random" else 1, COUNT)
        for color, by_draw in zip(COLORS, np.moveaxis(grids, -2, 1), strict=True):
            for draw, grid in enumerate(by_draw):
                one = occlusion_attack(model, images, labels, maps, color=color, where=where, draw=draw, **options)
                np.testing.assert_array_equal(np.moveaxis(grid, -1, 0), one.grid.numpy())


@pytest.mark.parametrize("color", ["black", "mean"])
def test_outcome_holds_what_is_covered_and_whether_a_pixel_changes(color: str, model, data) -> None:
    images, _, maps = data
    images = images.clone()
    images[:12, :, :, :6] = 0  # where black changes nothing
    outcome = occlusion_outcome(model, images, maps, region=REGION, count=3, radius=2, colors=[color])
    covered, (unchanged,) = outcome.covered["important"], outcome.unchanged["important"]
    assert covered.dtype == np.float32 and unchanged.dtype == np.bool_
    for i in range(COUNT):
        order = plain_order(maps[i], i, "important", "signed", 0, 0)
        for n in range(3):
            for r in range(2):
                painted, area = plain_occlusion(images[i], order, n + 1, r + 1, color)
                assert covered[n, r, 0, i] == pytest.approx(area)
                assert unchanged[n, r, 0, i] == torch.equal(painted, images[i])
    assert outcome.unchanged["random"].any() == (color == "black")


def test_importance_decides_the_order(model, data) -> None:
    images, labels, maps = data
    for importance in ("absolute", "positive"):
        options: dict[str, Any] = {"count": 1, "radius": 1, "region": REGION, "importance": importance}
        result = occlusion_attack(model, images, labels, maps, **options)
        for i in range(COUNT):
            order = plain_order(maps[i], i, "important", importance, 0, 0)
            assert torch.equal(result.images[i], plain_occlusion(images[i], order, 1, 1, "black")[0])


def test_a_radius_beyond_the_image_is_exact(model, data) -> None:
    images, labels, maps = data
    options: dict[str, Any] = {"count": 2, "radius": 13, "region": REGION}
    result = occlusion_attack(model, images, labels, maps, **options)
    for i in (0, 5, COUNT - 1):
        order = plain_order(maps[i], i, "important", "signed", 0, 0)
        expected = algorithm_1(model, images[i], int(labels[i]), order, 2, 13, "black")
        np.testing.assert_array_equal(result.grid[i].numpy(), expected["grid"])
    rows = []
    with model.register_forward_pre_hook(lambda _, inputs: rows.append(len(inputs[0]))):
        occlusion_attack(model, images, labels, maps, **options)
    assert sum(rows) == 4 + 8 + COUNT * 2 * 9  # 9 radii differ on 6 × 9 pixels


def same(one: Outcome, other: Outcome, images: Any = slice(None)) -> bool:
    """Whether both are the same, the first one's only on these images."""
    return all(
        np.array_equal(getattr(one, name)[where][..., images], getattr(other, name)[where])
        for name in ARRAYS
        for where in WHERE
    )


def test_batches_and_subsets_agree(data) -> None:
    net = Normalized(build({"name": "resnet8", "width": 8, "channels": 2, "classes": CLASSES}), (0.4, 0.6), (0.2, 0.3))
    images, _, maps = data
    options: dict[str, Any] = {"region": REGION, "count": 3, "radius": 2, "colors": ["black", "mean"], "draws": 2}
    every = occlusion_outcome(net, images, maps, batch_size=64, **options)
    rows = []
    for size in (1, 7):
        with net.register_forward_pre_hook(lambda _, inputs: rows.append(len(inputs[0]))):
            other = occlusion_outcome(net, images, maps, batch_size=size, **options)
        assert same(every, other)
        assert max(rows) == size
    some = np.array([20, 3, 11])
    part = occlusion_outcome(net, images.numpy()[some], maps.numpy()[some], indices=some, **options)
    assert same(every, part, some)


def test_nothing_else_changes(model, data) -> None:
    images, labels, maps = data
    model.train()
    copies, state = [one.clone() for one in data], torch.get_rng_state()
    occlusion_attack(model, images, labels, maps, count=2, radius=2, region=REGION, where="random")
    assert model.training and torch.equal(state, torch.get_rng_state())
    assert all(map(torch.equal, copies, data))
    model.eval()


def test_the_default_criterion_is_the_attacks_own_success(model, data) -> None:
    images, labels, maps = data
    result = occlusion_attack(model, images, labels, maps, count=3, radius=2, region=REGION)
    wrong = np.moveaxis((result.grid != labels[:, None, None]).numpy(), 0, -1)
    assert success(wrong, axes=2).tolist() == result.success.tolist()


X, Y, A = torch.full((2, *SHAPE), 0.5), torch.tensor([0, 1]), torch.ones((2, *SHAPE))
NET = nn.Sequential(nn.Flatten(), nn.Linear(108, CLASSES))
BUDGET: dict[str, Any] = {"count": 2, "radius": 2, "region": REGION}
RECORD: dict[str, Any] = {**BUDGET, "colors": ["black"], "draws": 1}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: occlusion_attack(NET, X, Y, A, **{**BUDGET, "count": 7}),
            "count is 7, expected a whole number from 1 to 6",
        ),
        (lambda: occlusion_attack(NET, X, Y, A, **{**BUDGET, "count": 0}), "count is 0"),
        (lambda: occlusion_attack(NET, X, Y, A, **{**BUDGET, "radius": 0}), "radius is 0"),
        (lambda: occlusion_attack(NET, X, Y, A, **{**BUDGET, "region": 2}), "expected a divisor of both"),
        (lambda: occlusion_attack(NET, X, Y, A, **BUDGET, color="grey"), "did you mean 'gray'"),
        (lambda: occlusion_attack(NET, X, Y, A, **BUDGET, where="importnt"), "did you mean 'important'"),
        (lambda: occlusion_attack(NET, X, Y, A, **BUDGET, importance="abs"), "unknown importance 'abs'"),
        (lambda: occlusion_attack(NET, X, Y, A, **BUDGET, draw=-1), "draw is -1"),
        (lambda: occlusion_attack(NET, X, Y, A[:, :, :3], **BUDGET), "maps have shape"),
        (lambda: occlusion_attack(NET, X, Y, A * torch.nan, **BUDGET), "maps hold NaN"),
        (lambda: occlusion_attack(NET, X, Y + CLASSES, A, **BUDGET), "labels go up to 5"),
        (lambda: occlusion_attack(NET, X * 3, Y, A, **BUDGET), r"expected finite values in \[0, 1\]"),
        (lambda: occlusion_attack(NET, X.to("meta"), Y, A, **BUDGET), "images are on meta"),
        (lambda: occlusion_attack(NET, X, Y, A, **BUDGET, indices=[0, 1, 2]), "expected whole numbers"),
        (lambda: occlusion_outcome(NET, X, A, **{**RECORD, "colors": ["black", "red"]}), "unknown color 'red'"),
        (lambda: occlusion_outcome(NET, X, A, **{**RECORD, "draws": 0}), "draws is 0"),
        (
            lambda: occlusion_outcome(NET, X, None, **RECORD),
            "maps are None, expected what tells the important and least",
        ),
        (lambda: occlusion_outcome(NET, X, A, **RECORD, where=["all"]), "unknown where 'all'"),
        (lambda: occlusion_outcome(NET, X, A, **RECORD, batch_size=0), "batch_size is 0"),
    ],
)
def test_bad_input_is_refused(call: Callable, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()
