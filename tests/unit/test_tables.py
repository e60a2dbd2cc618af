"""Tables over results small enough to count by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_results import LABELS, SETTINGS, by, card_of, outcome_of

from ineq.analysis.build import build_tables
from ineq.analysis.metrics import headline
from ineq.analysis.results import Results
from ineq.analysis.study_results import StudyResults
from ineq.data.sample import Sample
from ineq.inequality.table import MEASURES
from ineq.io.tables import read_table, write_table
from ineq.report.summary import markdown


@pytest.fixture
def tables(results: Results) -> dict[str, pd.DataFrame]:
    return build_tables(results, SETTINGS)


def test_numbers_come_back_as_they_were(tmp_path: Path) -> None:
    """To the last bit: pandas' reader was off by one in it before 3.1, unless told not to be."""
    draws = np.random.default_rng(0)
    written = pd.DataFrame({"value": draws.standard_normal(10_000) * 10.0 ** draws.integers(-300, 300, 10_000)})
    write_table(tmp_path / "table.csv", written)
    pd.testing.assert_frame_equal(read_table(tmp_path / "table.csv", "tables"), written, check_exact=True)


def test_only_epsilon_of_linf_training_makes_the_series(results: Results) -> None:
    first = card_of("first", "none", 0.0)
    cutout = card_of("cutout", "linf", 0.1)
    cutout["train"] = {**cutout["train"], "cutout": 4}
    cards = {
        "first": first,
        "m": card_of("linf", "linf", 0.1, origin={"accuracy": 0.6}),
        "l2": card_of("l2", "l2", 0.5),
        "cutout": cutout,
        "pruned": card_of("pruned", "none", 0.0, pruning={"kind": "weights", "amount": 0.5}),
        "wide": card_of("wide", "linf", 0.1, architecture={"name": "wide"}),
    }
    many = replace(results, cards=cards, predictions=dict.fromkeys(cards, results.predictions["m"]))
    table = build_tables(many, SETTINGS)["models"].set_index("model")
    assert list(table.index[table["series"]]) == ["first", "m"]
    assert table["claimed"].dropna().to_dict() == {"m": 0.6}


def test_models_are_judged_on_what_they_get_right(tables: dict[str, pd.DataFrame]) -> None:
    (row,) = tables["models"].to_dict("records")
    assert row["accuracy"] == pytest.approx(3 / 5) and row["images"] == 5
    assert (row["sampled"], row["evaluated"]) == (4, 3)
    assert row["margin"] == pytest.approx((6 + 1 + 2) / 3)


def test_gini_is_over_the_images_that_have_one(tables: dict[str, pd.DataFrame]) -> None:
    table = by(tables["gini"], "measure")
    assert table["mean"]["gini_global"] == pytest.approx(0.6)
    assert table["sd"]["gini_global"] == pytest.approx(0.1 * 2**0.5)
    assert (table["mean"]["gini_regional"], table["images"]["gini_regional"]) == (0.2, 1)
    assert (table["low"]["gini_global"], table["high"]["gini_global"]) == pytest.approx((0.5, 0.7))
    assert list(table.index) == list(MEASURES)


def test_controls_are_averaged_apart(tables: dict[str, pd.DataFrame]) -> None:
    table = by(tables["controls"], "control", "measure")
    assert table["mean"]["input", "gini_global"] == 0.5 and table["mean"]["untrained", "gini_global"] == 0.7
    assert table["images"]["untrained", "gini_regional"] == 0 and np.isnan(table["mean"]["untrained", "gini_regional"])


def test_noise_rates_are_over_judged_images_and_repeats(tables: dict[str, pd.DataFrame]) -> None:
    table = by(tables["attacks"].query("attack == 'noise'"), "setting", "where")
    assert table["error_rate"]["replace", "important"] == pytest.approx((1 / 3 + 0) / 2)
    assert table["sd"]["replace", "important"] == pytest.approx(1 / 3 / 2**0.5)
    assert table["error_rate"]["additive", "important"] == 0
    assert table["draws"]["additive", "random"] == 3 and set(table["images"]) == {3}


@pytest.mark.parametrize(
    ("where", "count", "criterion", "expected"),
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
def test_occlusion_rates_by_hand(tables, where: str, count: int, criterion: str, expected: float) -> None:
    table = by(tables["attacks"].query("attack == 'occlusion'"), "where", "count", "radius", "criterion")
    assert table["error_rate"][where, count, 1, criterion] == pytest.approx(expected)
    assert table["covered"][where, count, 1, criterion] == 0.25 * count
    # Of the three judged images, one has a mask that changes nothing: the first at count 1, the second at count 2.
    assert table["unchanged"][where, count, 1, criterion] == pytest.approx(1 / 3)


def test_contrasts_are_paired_by_image(tables: dict[str, pd.DataFrame]) -> None:
    table = by(tables["contrasts"], "attack", "setting")
    noise, full = table.loc["noise", "replace"], table.loc["occlusion", "black"]
    assert noise["guided"] == noise["difference"] == pytest.approx(1 / 6) and noise["random"] == 0
    assert (noise["subpixels"], full["count"], full["radius"], full["images"]) == (2, 2, 1, 3)
    assert full[["guided", "random"]].tolist() == pytest.approx([2 / 3, 1 / 6])
    # Image by image 1 − 1/2, 1 − 0 and 0 − 0: means of three draws from these lie between 0 and 1.
    assert full["difference"] == pytest.approx(1 / 2) and (full["low"], full["high"]) == (0, 1)
    assert pd.isna(noise["count"]) and pd.isna(full["subpixels"])


def test_cells_are_contrasted_beside_the_full_budget(results: Results) -> None:
    cells = [{"count": 1, "radius": 1}, {"count": 2, "radius": 1}, {"count": 3, "radius": 1}]
    table = build_tables(results, replace(SETTINGS, budgets=cells))["contrasts"]
    assert table["count"].dropna().tolist() == [2, 1]
    assert table["difference"].tolist()[-1] == pytest.approx(2 / 3)


def test_pairs_are_against_the_standard_model(two: Results) -> None:
    table = build_tables(two, SETTINGS)["pairs"]
    assert set(table["model"]) == {"m"} and set(table["against"]) == {"s"}
    rows = by(table, "attack", "setting")
    # Noise: the first image falls in repeat 0. Occlusion: the first two images fall. The other model never does.
    assert rows.loc[("noise", "replace"), ["only_model", "only_against", "images"]].tolist() == [1, 0, 3]
    assert rows.loc[("occlusion", "black"), ["only_model", "only_against", "p"]].tolist() == [2, 0, 0.5]
    assert rows["p"].tolist() == [1, 1, 0.5] and rows["p_holm"].tolist() == [1, 1, 1]


def test_without_a_standard_model_there_are_no_pairs(tables: dict[str, pd.DataFrame]) -> None:
    assert len(tables["pairs"]) == 0 and "p_holm" in tables["pairs"]


def test_families_are_over_training_seeds(two: Results) -> None:
    cards = {model: {**card, "family": "one"} for model, card in two.cards.items()}
    table = by(build_tables(replace(two, cards=cards), SETTINGS)["families"], "method", "measure", "setting")
    row = table.loc["ig", "occlusion_guided", "black"]
    assert row["mean"] == pytest.approx(1 / 3) and row["sd"] == pytest.approx(2 / 3 / 2**0.5) and row["models"] == 2
    assert "noise_difference" in table.index.get_level_values("measure")


def test_a_family_of_one_has_no_deviation(tables: dict[str, pd.DataFrame]) -> None:
    table = tables["families"]
    assert table["sd"].isna().all() and set(table["models"]) == {1}
    assert table["mean"][table["measure"] == "accuracy"].tolist() == pytest.approx([3 / 5])


def test_the_headline_sets_guided_against_random(tables: dict[str, pd.DataFrame]) -> None:
    numbers = headline(StudyResults({}, tables))["m"]
    black = numbers["ig"]["occlusion"]["black"]
    assert black["important"] - black["random"] == black["important_minus_random"] == pytest.approx(2 / 3 - 1 / 6)
    assert numbers["evaluated"] == 3


def test_the_summary_says_what_it_leaves_out_and_what_is_chance(results: Results) -> None:
    settings = replace(SETTINGS, budgets=[{"count": 1, "radius": 1}, {"count": 3, "radius": 1}])
    tables = build_tables(results, settings)
    text = markdown(StudyResults(results.cards, tables), results.sample, settings)
    assert "left out: (3, 1)" in text and "chance" not in text
    assert "| m | ig | 66.7 \\| 16.7 \\| 0.0 |" in text
    assert "zero 2, one 2" in text
    assert "16.7 \\| 0.0 \\| 0.0" in text  # replacing noise
    assert "No model is attacked: `robustness.models` is empty." in text
    pixel = Sample(np.zeros((4, 1, 1, 1), np.float32), LABELS, np.arange(4), ("zero", "one"))
    assert "what remains is chance" in markdown(StudyResults(results.cards, tables), pixel, SETTINGS)
    # Of the untrained network one image has a value, which does not say that others have the same.
    assert "| m | ig | 0.600 [0.500, 0.700] |" in text and "| untrained net | ig | 0.700 [0.145, 0.938] |" in text
    assert "| m | ig | +50.0 [+0.0, +100.0] |" in text


def test_accuracy_under_attack_is_told_with_its_subset_and_its_order(results: Results) -> None:
    rows = {"image": [5, 1], "budget": "common", "norm": "linf", "epsilon": 8 / 255, "clean": [1, 1], "pgd": [1, 0]}
    for auto, said in {(0, 0): "so for every model and budget", (1, 1): "not so for m (common)"}.items():
        attacked = replace(results, more={"robustness": {"m": pd.DataFrame({**rows, "autoattack": auto})}})
        tables = build_tables(attacked, SETTINGS)
        text = markdown(StudyResults(results.cards, tables), results.sample, SETTINGS)
        assert "on 2 images of the evaluation split drawn at random" in text and said in text
        assert "| m | common | linf | 0.03137 | 100.0 [34.2, 100.0] | 50.0 [9.5, 90.5] |" in text
        expected = {"epsilon": 8 / 255, "clean": 1, "pgd": 0.5, "autoattack": sum(auto) / 2}
        assert headline(StudyResults({}, tables))["m"]["robustness"] == {"common": expected}


def test_an_attack_of_a_plugin_stands_in_every_table(two: Results) -> None:
    """Of four images three are evaluated; guided fools all, each of two random draws one of them, least none."""
    outcome = outcome_of("wipe", ["plain"], {"side": [1, 3]}, ("fixed",))
    fooled = {"important": [[1, 1, 1, 0]], "random": [[1, 0, 0, 0], [0, 1, 0, 0]], "least": [[0, 0, 0, 0]]}
    wrong = {where: np.array(draws, bool) for where, draws in fooled.items()}
    # Nothing at side 1.
    both = {where: np.stack([values & False, values])[None] for where, values in wrong.items()}
    arrays = {
        "prediction": {where: np.where(values, 1 - LABELS, LABELS).astype(np.int16) for where, values in both.items()},
        "covered": {where: np.full(values.shape[1:], 0.25, np.float32) for where, values in both.items()},
        "unchanged": {where: np.zeros(values.shape, bool) for where, values in both.items()},
    }
    wiped = replace(outcome, **arrays)
    plugged = {key: {**outcomes, "wipe": wiped} for key, outcomes in two.attacks.items() if key == "m/ig"}
    tables = build_tables(replace(two, attacks={**two.attacks, **plugged}), SETTINGS, ["m"])
    rates = by(tables["attacks"].query("attack == 'wipe'"), "side", "where")
    assert rates["error_rate"].loc[3].to_dict() == pytest.approx({"important": 1, "random": 1 / 3, "least": 0})
    assert rates["error_rate"].loc[1].tolist() == [0, 0, 0] and set(rates["images"]) == {3}
    assert rates["headline"].loc[3].all() and not rates["headline"].loc[1].any()
    (full,) = tables["contrasts"].query("attack == 'wipe' and headline").to_dict("records")
    assert (full["side"], full["guided"], full["difference"]) == (3, 1, pytest.approx(2 / 3))
    (judged,) = tables["verdict"].query("attack == 'wipe' and measure == 'gain'").to_dict("records")
    assert judged["side"] == 3 and pd.isna(judged["against"]) | (judged["against"] == ""), (
        "the other has no such attack"
    )
    assert "wipe_guided" in set(tables["families"]["measure"])
    study = StudyResults(two.cards, tables)
    assert headline(study)["m"]["ig"]["wipe"]["plain"]["important"] == 1
    assert "attack wipe, side 3 (fixed success)" in markdown(study, two.sample, SETTINGS)
