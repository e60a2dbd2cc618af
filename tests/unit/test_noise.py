"""Inductive noise, image by image against a plain loop written from the paper."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from ineq.attacks.names import KINDS, WHERE
from ineq.attacks.noise import Noise, noise_attack
from ineq.attacks.outcome import ARRAYS, Outcome
from ineq.attacks.run import attack_outcome
from ineq.attacks.target import attacked_images
from ineq.data.random_fields import normal_fields, permutations
from ineq.errors import InputError
from ineq.models.architectures import build
from ineq.models.forward import predict_logits
from ineq.models.normalized import Normalized

torch.set_num_threads(1)
MEAN, STD = (0.4, 0.6), (0.2, 0.3)
COUNT, SHAPE, CLASSES = 70, (2, 4, 4), 4


@pytest.fixture(scope="module")
def model() -> nn.Module:
    torch.manual_seed(3)
    return Normalized(nn.Sequential(nn.Flatten(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, CLASSES)), MEAN, STD)


@pytest.fixture(scope="module")
def data() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Images, labels, and maps of few different values, so that ties are everywhere."""
    rng = np.random.default_rng(0)
    maps = rng.integers(-3, 4, (COUNT, *SHAPE)).astype(np.float32)
    maps[0], maps[1] = 0, -0.0 * maps[0]
    maps[2] = np.where(np.arange(32).reshape(SHAPE) % 2, 0.0, -0.0)
    images = torch.from_numpy(rng.random((COUNT, *SHAPE), dtype=np.float32))
    return images, torch.from_numpy(rng.integers(0, CLASSES, COUNT)), torch.from_numpy(maps)


def by_the_paper(image, values, index, *, subpixels, kind, where, seed=0, draw=0, clip=True, mean=MEAN, std=STD):
    """x' of one image: explicit sorting of (value, place) pairs, explicit loop over the chosen subpixels."""
    flat = values.flatten().tolist()
    if where == "random":
        chosen = permutations(seed, "noise-subpixels", [index], len(flat), draw)[0, :subpixels].tolist()
    else:
        sign = -1 if where == "important" else 1
        chosen = sorted(range(len(flat)), key=lambda i: (sign * flat[i], i))[:subpixels]
    field = normal_fields(seed, "noise-field", [index], SHAPE, draw)[0]
    changed = image.clone()
    for place in chosen:
        c, y, x = np.unravel_index(place, SHAPE)
        noise = std[c] * float(field[c, y, x])
        value = (float(image[c, y, x]) if kind == "additive" else mean[c]) + noise
        changed[c, y, x] = min(max(value, 0.0), 1.0) if clip else value
    return changed


@pytest.mark.parametrize("clip", [True, False])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("where", WHERE)
def test_attack_does_what_the_paper_says(kind: str, where: str, clip: bool, model, data) -> None:
    images, labels, maps = data
    for subpixels, draw in ((1, 0), (5, 2), (32, 0)):
        options: dict[str, Any] = {
            "subpixels": subpixels,
            "kind": kind,
            "where": where,
            "clip": clip,
            "draw": draw,
            "seed": 4,
        }
        result = noise_attack(model, images, labels, maps, **options)
        rows = [by_the_paper(x, a, i, **options) for i, (x, a) in enumerate(zip(images, maps, strict=True))]
        expected = torch.stack(rows)
        torch.testing.assert_close(result.images, expected, atol=1e-6, rtol=1e-6)
        predictions = predict_logits(model, expected).argmax(1)
        assert torch.equal(result.predictions, predictions) and result.predictions.dtype == torch.int64
        assert torch.equal(result.success, predictions != labels) and result.success.dtype == torch.bool
        if where != "random":
            assert int((result.images != images).flatten(1).sum(1).max()) <= subpixels


def test_ties_and_signs_by_hand(model) -> None:
    maps = torch.full((1, *SHAPE), -1.0)
    maps[0, 1, 0, 0] = maps[0, 1, 0, 1] = 2.0
    maps[0, 0, 3, 3] = -9.0  # the largest size, but the least important
    options: dict[str, Any] = {"kind": "replace", "clip": False}
    changed = {
        (where, k): noise_attack(model, X[:1], Y[:1], maps, subpixels=k, where=where, **options).images[0] != X[0]
        for where in ("important", "least")
        for k in (1, 3)
    }
    places = {key: mask.flatten().nonzero().flatten().tolist() for key, mask in changed.items()}
    expected = {("important", 1): [16], ("important", 3): [0, 16, 17], ("least", 1): [15], ("least", 3): [0, 1, 15]}
    assert places == expected


def noise_outcome(model, images, labels, maps, *, subpixels=(1,), repeats=1, clip=True, **options) -> Outcome:
    attack = Noise(subpixels=subpixels, repeats=repeats, clip=clip)
    return attack_outcome(attack, model, images, labels, maps, **options)


def same(one: Outcome, other: Outcome, images: Any = slice(None)) -> bool:
    """Whether both are the same, the first one's only on these images."""
    return np.array_equal(one.clean[images], other.clean) and all(
        np.array_equal(getattr(one, name)[where][..., images], getattr(other, name)[where])
        for name in ARRAYS
        for where in WHERE
    )


def test_outcome_holds_every_attack(model, data) -> None:
    images, labels, maps = data
    counts, repeats, draws = (1, 4, 16), 2, 3
    outcome = noise_outcome(model, images, labels, maps, subpixels=counts, repeats=repeats, draws=draws, seed=9)
    assert set(outcome.prediction) == set(WHERE) and outcome.settings == list(KINDS)
    assert outcome.clean.dtype == np.int16 and all(one.dtype == np.int16 for one in outcome.prediction.values())
    np.testing.assert_array_equal(outcome.clean, predict_logits(model, images).argmax(1).numpy())
    for where, number in (("important", repeats), ("least", repeats), ("random", draws)):
        assert outcome.prediction[where].shape == (2, len(counts), number, COUNT)
        assert outcome.covered[where].tolist() == [[[k / 32] * COUNT] * number for k in counts]
        for i, kind in enumerate(KINDS):
            for k, subpixels in enumerate(counts):
                for draw in range(number):
                    options: dict[str, Any] = {
                        "subpixels": subpixels,
                        "kind": kind,
                        "where": where,
                        "seed": 9,
                        "draw": draw,
                    }
                    one = noise_attack(model, images, labels, maps, **options)
                    np.testing.assert_array_equal(outcome.prediction[where][i, k, draw], one.predictions.numpy())
                    alike = (one.images == images).flatten(1).all(1).numpy()
                    np.testing.assert_array_equal(outcome.unchanged[where][i, k, draw], alike)
    important, least = outcome.prediction["important"], outcome.prediction["least"]
    assert len(np.unique(important)) > 1 and not np.array_equal(important, least)


def test_batches_and_subsets_agree(data) -> None:
    net = Normalized(build({"name": "resnet8", "width": 8, "channels": 2, "classes": CLASSES}), MEAN, STD)
    images, labels, maps = data
    options: dict[str, Any] = {"subpixels": (2, 8), "repeats": 2, "draws": 2, "clip": True}
    every = noise_outcome(net, images, labels, maps, batch_size=64, **options)
    for size in (1, 7):
        other = noise_outcome(net, images, labels, maps, batch_size=size, **options)
        assert same(every, other)
    some = np.array([69, 3, 40])
    part = noise_outcome(net, images[some], labels[some], maps[some], indices=some, **options)
    assert same(every, part, some)
    arrays = noise_outcome(net, images.numpy(), labels.numpy(), maps.numpy(), **options)
    assert same(every, arrays)


def test_all_models_see_the_same_random_subpixels_and_noise(model, data) -> None:
    images, labels, maps = data
    options: dict[str, Any] = {"subpixels": 6, "where": "random", "seed": 2}
    first, second = (noise_attack(model, images, labels, one, **options).images for one in (maps, -maps))
    assert torch.equal(first, second)
    more = noise_attack(model, images, labels, maps, subpixels=7, where="random", seed=2).images
    assert bool(((first != images) <= (more != images)).all())


def test_a_bare_models_normalised_space_is_pixel_space(model, data) -> None:
    images, labels, maps = data
    options: dict[str, Any] = {"subpixels": 5, "kind": "replace", "clip": False}
    result = noise_attack(model.network, images, labels, maps, **options)
    expected = by_the_paper(images[3], maps[3], 3, where="important", mean=(0, 0), std=(1, 1), **options)
    torch.testing.assert_close(result.images[3], expected)
    given = noise_attack(model.network, images, labels, maps, mean=MEAN, std=STD, **options)
    assert torch.equal(given.images, noise_attack(model, images, labels, maps, **options).images)


def test_nothing_else_changes(model, data) -> None:
    images, labels, maps = data
    model.train()
    copies, state, python = [one.clone() for one in data], torch.get_rng_state(), random.getstate()
    noise_attack(model, images, labels, maps, subpixels=3, where="random")
    assert model.training and torch.equal(state, torch.get_rng_state()) and python == random.getstate()
    assert torch.equal(copies[0], images) and torch.equal(copies[2], maps)
    model.eval()


X, Y, A = torch.full((2, *SHAPE), 0.5), torch.tensor([0, 1]), torch.ones((2, *SHAPE))
NET = nn.Sequential(nn.Flatten(), nn.Linear(32, CLASSES))
RECORD: dict[str, Any] = {"subpixels": [1], "repeats": 1, "draws": 1}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: noise_attack(NET, X, Y, A, subpixels=33), "subpixels is 33, expected a whole number from 1 to 32"),
        (lambda: noise_attack(NET, X, Y, A, subpixels=0), "subpixels is 0"),
        (lambda: noise_attack(NET, X, Y, A, subpixels=1.0), "subpixels is 1.0"),  # type: ignore[arg-type]
        (lambda: noise_attack(NET, X, Y, A, subpixels=1, kind="add"), "unknown kind 'add'"),
        (lambda: noise_attack(NET, X, Y, A, subpixels=1, where="most"), "unknown where 'most'"),
        (lambda: noise_attack(NET, X, Y, A, subpixels=1, seed=0.5), "seed is 0.5"),  # type: ignore[arg-type]
        (lambda: noise_attack(NET, X, Y, A, subpixels=1, draw=-1), "draw is -1"),
        (lambda: noise_attack(NET, X, Y, A[:1], subpixels=1), "maps have shape"),
        (lambda: noise_attack(NET, X, Y, A.int(), subpixels=1), "maps are torch.int32"),
        (lambda: noise_attack(NET, X, Y, A / 0, subpixels=1), "maps hold NaN or infinite"),
        (lambda: noise_attack(NET, X, Y, A.to("meta"), subpixels=1), "maps are on meta"),
        (lambda: noise_attack(NET, X, Y + CLASSES, A, subpixels=1), "labels go up to 5"),
        (lambda: noise_attack(NET, X + 1, Y, A, subpixels=1), "values from 1.5"),
        (lambda: noise_attack(NET, X, Y, A, subpixels=1, indices=[3, 3]), "twice"),
        (lambda: noise_attack(NET, X, Y, A, subpixels=1, batch_size=-2), "batch_size is -2"),
        (lambda: noise_attack(NET, X, Y, A, subpixels=1, std=2), "only one of"),
        (lambda: noise_outcome(NET, X, Y, A, **{**RECORD, "subpixels": [1, 40]}), "subpixels is 40"),
        (lambda: noise_outcome(NET, X, Y, A, **{**RECORD, "repeats": 0}), "repeats is 0"),
        (lambda: noise_outcome(NET, X, Y, A, **{**RECORD, "draws": -1}), "draws is -1"),
        (lambda: noise_outcome(NET, X, Y + CLASSES, A, **RECORD), "labels go up to 5"),
    ],
)
def test_bad_input_is_refused(call: Callable, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("clip", [True, False])
def test_an_image_alone_is_noised_as_in_the_attack(kind: str, clip: bool, model, data) -> None:
    images, labels, maps = data
    options: dict[str, Any] = {"seed": 4, "draw": 1}
    attacked = noise_attack(model, images, labels, maps, subpixels=5, kind=kind, clip=clip, **options).images
    attack = Noise(subpixels=(5,), clip=clip)
    one_try: dict[str, Any] = {"setting": kind, "budget": {"subpixels": 5}, "mean": MEAN, "std": STD, **options}
    for i in (0, 7):
        alone = attacked_images(attack, images[[i]], maps[[i]].numpy(), indices=[i], **one_try)
        assert torch.equal(alone[0], attacked[i])
        assert not torch.equal(alone[0], images[i])
