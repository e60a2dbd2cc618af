"""Tables over results small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ineq.attacks.recordfile import AttackRecord
from ineq.data.samplefile import Sample
from ineq.tables.build import build_tables
from ineq.tables.metrics import headline
from ineq.tables.read import Results
from ineq.tables.summary import markdown

LABELS = np.array([0, 1, 0, 1])


def occlusion(grids: dict[str, list]) -> AttackRecord:
    """One colour, two counts, one radius; the last image is misclassified before any attack."""
    clean = np.array([0, 1, 0, 0], np.int16)
    predictions = {f"{where}/black": np.array(values, np.int16) for where, values in grids.items()}
    return AttackRecord(
        {"clean": clean, **predictions}, LABELS, np.arange(4), {"colors": ["black"], "count": 2, "radius": 1}
    )


@pytest.fixture
def results() -> Results:
    sample = Sample(np.zeros((4, 1, 2, 2), np.float32), LABELS, np.array([3, 0, 1, 2]), ("zero", "one"))
    card = {"title": "A", "family": "a", "train": {"norm": "linf", "epsilon": 0.1}}
    # Judged are the first three. Guided: image 0 falls at count 1 and stands at 2, image 1 at both, image 2 never.
    important = [[[1], [0]], [[0], [0]], [[0], [0]], [[0], [0]]]
    least = [[[0], [0]], [[1], [1]], [[0], [0]], [[1], [1]]]
    random = [[[[0], [1]], [[1], [1]], [[0], [0]], [[1], [1]]], [[[0], [0]], [[1], [1]], [[0], [0]], [[0], [0]]]]
    noise = {"clean": np.array([0, 1, 0, 0], np.int16)}
    for where, draws in {"important": 2, "least": 2, "random": 3}.items():
        noise[where] = np.tile(LABELS.astype(np.int16), (2, 1, draws, 1))
    noise["important"][1, 0, 0, 0] = 1  # one of three judged images, in one of two repeats, under replacing noise
    inequality = pd.DataFrame({"gini_global": [0.5, 0.7], "gini_regional": [0.2, np.nan], "sparsity": [1.0, 1.0]})
    return Results(
        {"m": card},
        sample,
        {"m": pd.DataFrame({"label": [1, 0, 1, 0, 1], "prediction": [1, 0, 0, 0, 0]})},
        {"m/ig": inequality},
        {"m/ig": AttackRecord(noise, LABELS, np.arange(4), {"kinds": ["additive", "replace"], "subpixels": [2]})},
        {"m/ig": occlusion({"important": important, "least": least, "random": random})},
    )


def test_models_are_judged_on_what_they_get_right(results: Results) -> None:
    (row,) = build_tables(results)["models"].to_dict("records")
    assert row["accuracy"] == pytest.approx(3 / 5) and row["images"] == 5
    assert (row["sampled"], row["judged"]) == (4, 3)


def test_gini_is_over_the_images_that_have_one(results: Results) -> None:
    table = build_tables(results)["gini"].set_index("measure")
    assert table["mean"]["gini_global"] == pytest.approx(0.6)
    assert table["sd"]["gini_global"] == pytest.approx(0.1 * 2**0.5)
    assert (table["mean"]["gini_regional"], table["images"]["gini_regional"]) == (0.2, 1)


def test_noise_rates_are_over_judged_images_and_repeats(results: Results) -> None:
    table = build_tables(results)["noise"].set_index(["kind", "where"])
    assert table["error_rate"]["replace", "important"] == pytest.approx((1 / 3 + 0) / 2)
    assert table["sd"]["replace", "important"] == pytest.approx(1 / 3 / 2**0.5)
    assert table["error_rate"]["additive", "important"] == 0
    assert table["draws"]["additive", "random"] == 3 and set(table["images"]) == {3}


@pytest.mark.parametrize(
    ("where", "count", "reading", "wanted"),
    [
        ("important", 1, "any", 2 / 3),
        ("important", 2, "any", 2 / 3),
        ("important", 2, "literal", 1 / 3),
        ("important", 2, "fixed", 1 / 3),
        ("least", 2, "any", 0),
        ("random", 1, "any", 0),
        ("random", 2, "any", 1 / 6),
    ],
)
def test_occlusion_rates_by_hand(results: Results, where: str, count: int, reading: str, wanted: float) -> None:
    table = build_tables(results)["occlusion"].set_index(["where", "count", "radius", "reading"])
    assert table["error_rate"][where, count, 1, reading] == pytest.approx(wanted)


def test_the_headline_sets_guided_against_random(results: Results) -> None:
    numbers = headline(build_tables(results), subpixels=2)["m"]
    black = numbers["ig"]["occlusion"]["black"]
    assert black["important"] - black["random"] == black["important_minus_random"] == pytest.approx(2 / 3 - 1 / 6)
    assert numbers["judged"] == 3


def test_the_summary_says_what_it_leaves_out_and_what_is_chance(results: Results) -> None:
    tables = build_tables(results)
    text = markdown(tables, results.sample, 2, [{"count": 1, "radius": 1}, {"count": 3, "radius": 1}])
    assert "left out: (3, 1)" in text and "chance" not in text
    assert "| m | ig | 66.7 \\| 16.7 \\| 0.0 |" in text
    assert "zero 2, one 2" in text
    assert "16.7 \\| 0.0 \\| 0.0" in text  # replacing noise
    pixel = Sample(np.zeros((4, 1, 1, 1), np.float32), LABELS, np.arange(4), ("zero", "one"))
    assert "what remains is chance" in markdown(tables, pixel, 2, [])
