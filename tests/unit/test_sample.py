"""The sample: shuffled by a seed, right for all models, and helpful when there is too little."""

from __future__ import annotations

import numpy as np
import pytest

from ineq.data.sample import Sample, class_counts, draw_sample
from ineq.errors import InputError

ORDERED = np.repeat(np.arange(10), 100)


def wrong_at(*positions: int) -> np.ndarray:
    """Predictions of a model that errs at these positions."""
    predicted = ORDERED.copy()
    predicted[list(positions)] = (ORDERED[list(positions)] + 1) % 10
    return predicted


def test_a_class_ordered_file_gives_every_class_its_share() -> None:
    chosen = draw_sample(ORDERED, {"a": ORDERED}, 200, seed=0)
    assert chosen.dtype == np.int64
    assert class_counts(ORDERED[chosen], 10).min() >= 8
    assert len(set(chosen.tolist())) == 200


def test_all_models_are_right_on_every_image() -> None:
    models = {"a": wrong_at(*range(0, 500, 2)), "b": wrong_at(*range(500, 1000, 3))}
    chosen = draw_sample(ORDERED, models, 300, seed=0)
    assert all((predicted[chosen] == ORDERED[chosen]).all() for predicted in models.values())


def test_the_seed_decides_and_a_bigger_sample_starts_with_the_smaller() -> None:
    big, small = (draw_sample(ORDERED, {"a": ORDERED}, size, seed=0) for size in (300, 100))
    assert np.array_equal(big[:100], small)
    assert not np.array_equal(small, draw_sample(ORDERED, {"a": ORDERED}, 100, seed=1))


def test_a_model_more_takes_images_out_and_moves_none() -> None:
    without = draw_sample(ORDERED, {"a": ORDERED}, 1000, seed=0)
    worse = wrong_at(*range(0, 1000, 7))
    kept = without[worse[without] == ORDERED[without]]
    assert np.array_equal(draw_sample(ORDERED, {"a": ORDERED, "b": worse}, len(kept), seed=0), kept)


def test_too_few_says_how_many_and_which_model_limits_most() -> None:
    # "a" errs most often, but always where "c" errs too; only without "b" would there be more.
    models = {"a": wrong_at(*range(300)), "b": wrong_at(*range(300, 500)), "c": wrong_at(*range(300))}
    sentence = r"only 500 images .* all 3 models, expected 501: 'b' \(accuracy 80.0%\) limits .* there would be 700"
    with pytest.raises(InputError, match=sentence):
        draw_sample(ORDERED, models, 501, seed=0)
    assert len(draw_sample(ORDERED, models, 500, seed=0)) == 500


def test_predictions_of_other_images_are_refused() -> None:
    with pytest.raises(InputError, match=r"predictions of 'a' have shape \(3,\) for 1000 images"):
        draw_sample(ORDERED, {"a": ORDERED[:3]}, 1, seed=0)


def test_class_counts_name_absent_classes_too() -> None:
    assert class_counts(np.array([0, 2, 2]), 4).tolist() == [1, 0, 2, 0]


def test_the_first_of_a_sample_are_a_smaller_one() -> None:
    sample = Sample(np.zeros((4, 1, 2, 2), np.float32), np.arange(4), np.array([9, 3, 7, 1]), ("a", "b"))
    few = sample.first(2)
    assert (len(few.images), few.labels.tolist(), few.indices.tolist()) == (2, [0, 1], [9, 3])
    assert few.classes == sample.classes and len(sample.first(9).labels) == 4
