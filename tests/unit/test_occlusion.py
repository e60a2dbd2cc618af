"""Inductive occlusion, image by image against Algorithm 1 in plain loops; and its three readings by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from ineq.attacks.names import COLORS, WHERE
from ineq.attacks.occlusion import occluded, occlusion_attack, occlusion_record
from ineq.attacks.readings import READINGS, first_success, success
from ineq.data.draws import permutations
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
    options: dict[str, Any] = {"color": color, "region": REGION, "importance": "signed"}
    painted = occluded(images.numpy(), maps.numpy(), count=count, radius=radius, **options)
    for i in range(COUNT):
        expected, _ = plain_occlusion(
            images[i], plain_order(maps[i], i, "important", "signed", 0, 0), count, radius, color
        )
        torch.testing.assert_close(painted[i], expected, atol=1e-6, rtol=0)


def test_the_comparison_above_sees_early_and_late_successes_and_failures(model, data) -> None:
    result = occlusion_attack(model, *data, count=4, radius=3, region=REGION)
    assert {0, 1, 2} <= set(result.count.tolist()) and {0, 1, 2} <= set(result.radius.tolist())


@pytest.mark.parametrize("importance", ["signed", "absolute", "positive"])
def test_record_holds_every_attack(importance: str, model, data) -> None:
    images, labels, maps = data
    options: dict[str, Any] = {"region": REGION, "importance": importance, "count": 3, "radius": 2, "seed": 5}
    record = occlusion_record(model, images, maps, colors=list(COLORS), draws=2, **options)
    both = {f"{where}/{color}" for where in WHERE for color in COLORS}
    assert set(record) == {"clean", *both, *(f"unchanged/{name}" for name in both), *(f"area/{w}" for w in WHERE)}
    assert all(record[name].dtype == np.int16 for name in ("clean", *both))
    np.testing.assert_array_equal(record["clean"], predict_logits(model, images).argmax(1).numpy())
    for where in WHERE:
        for color in COLORS:
            grids = record[f"{where}/{color}"] if where == "random" else record[f"{where}/{color}"][None]
            assert grids.shape == (2 if where == "random" else 1, COUNT, 3, 2)
            for draw, grid in enumerate(grids):
                one = occlusion_attack(model, images, labels, maps, color=color, where=where, draw=draw, **options)
                np.testing.assert_array_equal(grid, one.grid.numpy())


@pytest.mark.parametrize("color", ["black", "mean"])
def test_record_holds_area_and_whether_a_pixel_changes(color: str, model, data) -> None:
    images, _, maps = data
    images = images.clone()
    images[:12, :, :, :6] = 0  # where black changes nothing
    record = occlusion_record(model, images, maps, region=REGION, count=3, radius=2, colors=[color], draws=1)
    assert record["area/important"].dtype == np.float32 and record[f"unchanged/important/{color}"].dtype == np.bool_
    for i in range(COUNT):
        order = plain_order(maps[i], i, "important", "signed", 0, 0)
        for n in range(3):
            for r in range(2):
                painted, area = plain_occlusion(images[i], order, n + 1, r + 1, color)
                assert record["area/important"][i, n, r] == pytest.approx(area)
                assert record[f"unchanged/important/{color}"][i, n, r] == torch.equal(painted, images[i])
    assert record["unchanged/random/black"].any() if color == "black" else True


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
    assert sum(rows) == 1 + COUNT * 2 * 9  # 9 radii differ on 6 × 9 pixels


def test_batches_and_subsets_agree(data) -> None:
    net = Normalized(build({"name": "resnet8", "width": 8, "channels": 2, "classes": CLASSES}), (0.4, 0.6), (0.2, 0.3))
    images, _, maps = data
    options: dict[str, Any] = {"region": REGION, "count": 3, "radius": 2, "colors": ["black", "mean"], "draws": 2}
    whole = occlusion_record(net, images, maps, batch_size=64, **options)
    rows = []
    for size in (1, 7):
        with net.register_forward_pre_hook(lambda _, inputs: rows.append(len(inputs[0]))):
            other = occlusion_record(net, images, maps, batch_size=size, **options)
        assert all(np.array_equal(whole[name], other[name]) for name in whole)
        assert max(rows) == size
    some = np.array([20, 3, 11])
    part = occlusion_record(net, images.numpy()[some], maps.numpy()[some], indices=some, **options)
    for name, values in part.items():
        expected = whole[name][:, some] if "random" in name else whole[name][some]
        np.testing.assert_array_equal(values, expected)


def test_nothing_else_changes(model, data) -> None:
    images, labels, maps = data
    model.train()
    copies, state = [one.clone() for one in data], torch.get_rng_state()
    occlusion_attack(model, images, labels, maps, count=2, radius=2, region=REGION, where="random")
    assert model.training and torch.equal(state, torch.get_rng_state())
    assert all(map(torch.equal, copies, data))
    model.eval()


# Label 0. Three images, count 2, radius 3: a hit that the last n undoes, one at the very end, and none.
GRID = np.array([[[0, 5, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 1]], [[0, 0, 0], [0, 0, 0]]])
LABELS = np.zeros(3, int)


def test_first_success_by_hand() -> None:
    count, radius = first_success(GRID, LABELS)
    assert count.tolist() == [1, 2, 0] and radius.tolist() == [2, 3, 0]
    n_outer = np.array([[[0, 0, 1], [1, 0, 0]]])  # r would come first if the loops were swapped
    assert [int(one[0]) for one in first_success(n_outer, [0])] == [1, 3]


@pytest.mark.parametrize(
    ("reading", "count", "radius", "expected"),
    [
        ("any", None, None, [True, True, False]),
        ("literal", None, None, [False, True, False]),
        ("fixed", None, None, [False, True, False]),
        ("any", 1, 3, [True, False, False]),
        ("literal", 1, 3, [True, False, False]),
        ("fixed", 1, 3, [False, False, False]),
        ("fixed", 1, 2, [True, False, False]),
        ("any", 2, 1, [False, False, False]),
        ("literal", 2, 2, [False, False, False]),
    ],
)
def test_readings_by_hand(reading: str, count: int | None, radius: int | None, expected: list[bool]) -> None:
    assert success(GRID, LABELS, reading, count, radius).tolist() == expected
    stacked = success(np.stack([GRID, GRID[::-1]]), LABELS, reading, count, radius)
    assert stacked.tolist() == [expected, expected[::-1]]


def test_the_default_reading_is_the_attacks_own_success(model, data) -> None:
    images, labels, maps = data
    result = occlusion_attack(model, images, labels, maps, count=3, radius=2, region=REGION)
    assert success(result.grid, labels).tolist() == result.success.tolist()


X, Y, A = torch.full((2, *SHAPE), 0.5), torch.tensor([0, 1]), torch.ones((2, *SHAPE))
NET = nn.Sequential(nn.Flatten(), nn.Linear(108, CLASSES))
BUDGET: dict[str, Any] = {"count": 2, "radius": 2, "region": REGION}
RECORD: dict[str, Any] = {**BUDGET, "colors": ["black"], "draws": 1}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: occlusion_attack(NET, X, Y, A, **{**BUDGET, "count": 7}),
            "count is 7: wanted a whole number from 1 to 6",
        ),
        (lambda: occlusion_attack(NET, X, Y, A, **{**BUDGET, "count": 0}), "count is 0"),
        (lambda: occlusion_attack(NET, X, Y, A, **{**BUDGET, "radius": 0}), "radius is 0"),
        (lambda: occlusion_attack(NET, X, Y, A, **{**BUDGET, "region": 2}), "wanted a divisor of both"),
        (lambda: occlusion_attack(NET, X, Y, A, **BUDGET, color="grey"), "did you mean 'gray'"),
        (lambda: occlusion_attack(NET, X, Y, A, **BUDGET, where="importnt"), "did you mean 'important'"),
        (lambda: occlusion_attack(NET, X, Y, A, **BUDGET, importance="abs"), "unknown importance 'abs'"),
        (lambda: occlusion_attack(NET, X, Y, A, **BUDGET, draw=-1), "draw is -1"),
        (lambda: occlusion_attack(NET, X, Y, A[:, :, :3], **BUDGET), "maps have shape"),
        (lambda: occlusion_attack(NET, X, Y, A * torch.nan, **BUDGET), "maps hold NaN"),
        (lambda: occlusion_attack(NET, X, Y + CLASSES, A, **BUDGET), "labels go up to 5"),
        (lambda: occlusion_attack(NET, X * 3, Y, A, **BUDGET), r"wanted finite values in \[0, 1\]"),
        (lambda: occlusion_attack(NET, X.to("meta"), Y, A, **BUDGET), "images are on meta"),
        (lambda: occlusion_attack(NET, X, Y, A, **BUDGET, indices=[0, 1, 2]), "wanted whole numbers"),
        (lambda: occlusion_record(NET, X, A, **{**RECORD, "colors": ["black", "red"]}), "unknown color 'red'"),
        (lambda: occlusion_record(NET, X, A, **{**RECORD, "draws": 0}), "draws is 0"),
        (lambda: occlusion_record(NET, X, None, **RECORD), "maps are None: wanted what tells the important and least"),
        (lambda: occlusion_record(NET, X, A, **RECORD, where=["all"]), "unknown where 'all'"),
        (lambda: occlusion_record(NET, X, A, **RECORD, batch_size=0), "batch_size is 0"),
        (lambda: success(GRID, LABELS, "first"), f"wanted one of {', '.join(sorted(READINGS))}"),
        (lambda: success(GRID, LABELS, count=3), "count is 3: wanted a whole number from 1 to 2"),
        (lambda: success(GRID, LABELS, radius=0), "radius is 0"),
        (lambda: success(GRID[0], LABELS), "grid has shape"),
        (lambda: first_success(GRID, LABELS[:2]), r"labels \(2,\)"),
    ],
)
def test_bad_input_is_refused(call: Callable, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()
