"""The verdict on a model under audit: differences image by image, and sentences of the table's own numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_results import SETTINGS, by

from ineq.analysis.build import build_tables
from ineq.analysis.results import Results
from ineq.analysis.verdict import COLUMNS, verdict
from ineq.report.verdict import verdict_lines
from ineq.statistics.intervals import share_interval


def unequal(results: Results) -> Results:
    """The standard model's maps are less unequal on every image that both have a value for."""
    table = results.inequality["s/ig"]
    return replace(results, inequality={**results.inequality, "s/ig": table.assign(gini_global=[0.3, 0.4])})


def test_differences_are_paired_by_image_and_say_on_which_side_of_zero(two: Results) -> None:
    table = verdict(unequal(two), SETTINGS, ["m"])
    assert list(table.columns) == list(COLUMNS) and set(table["model"]) == {"m"}
    row = by(table[table["against"] == "s"], "measure").loc["gini_global"]
    assert row["value"] == pytest.approx(0.6) and row["reference"] == pytest.approx(0.35)
    assert row["difference"] == pytest.approx(0.25) and row["conclusion"] == "higher"
    assert (row["difference_low"], row["difference_high"]) == pytest.approx((0.2, 0.3))
    regional = by(table[table["against"] == "s"], "measure").loc["gini_regional"]
    assert regional["difference"] == 0 and regional["conclusion"] == "not clearly different" and regional["images"] == 1


def test_attacks_count_the_images_that_both_are_judged_on(two: Results) -> None:
    table = verdict(two, SETTINGS, ["m"])
    rows = by(table[table["attack"] == "occlusion"], "measure")
    # Of the three judged images of "m" the first two fall, of "s" none; random squares fool "m" on some.
    outcomes = by(build_tables(two, SETTINGS)["contrasts"], "model", "setting").loc[("m", "black")]
    assert rows.loc["error_rate", "value"] == pytest.approx(2 / 3) == outcomes["guided"]
    assert rows.loc["gain", "value"] == pytest.approx(outcomes["difference"])
    assert rows.loc["error_rate", "reference"] == 0 and set(rows["images"]) == {3}


def test_no_interval_of_a_few_images_is_a_point(two: Results) -> None:
    """Of "s" no image is fooled, of "m" both agree on a Gini: that does not say what others would do."""
    tables = build_tables(two, SETTINGS, ["m", "s"])
    for name, prefix in (
        ("verdict", ""),
        ("verdict", "difference_"),
        ("contrasts", ""),
        ("gini", ""),
        ("controls", ""),
    ):
        ends = tables[name][[f"{prefix}low", f"{prefix}high"]].dropna()
        assert len(ends) and (ends[f"{prefix}low"] < ends[f"{prefix}high"]).all(), (name, prefix)
    verdicts = by(tables["verdict"], "model", "measure", "attack", "setting")
    row = verdicts.loc[[("s", "error_rate", "occlusion", "black")]].iloc[0]
    assert (row["value"], row["low"]) == (0, 0) and row["high"] == pytest.approx(share_interval(0, row["images"]).high)


def test_beside_nothing_there_is_the_models_own_row(results: Results) -> None:
    table = verdict(results, SETTINGS, ["m"])
    attacked = table[table["attack"].notna()]
    assert set(attacked["against"]) == {""} and attacked["difference"].isna().all() and attacked["value"].notna().all()
    # An untrained network of its own architecture is a reference for inequality wherever there is one.
    assert by(table, "measure").loc["gini_global", "against"] == "untrained"


def test_without_an_audit_there_is_no_verdict(two: Results) -> None:
    tables = build_tables(two, SETTINGS)
    assert tables["verdict"].empty and list(tables["verdict"].columns) == list(COLUMNS)
    assert list(verdict_lines(tables["verdict"], tables["models"])) == []


def test_sentences_are_of_the_tables_numbers(two: Results) -> None:
    tables = build_tables(unequal(two), SETTINGS, ["m"])
    ((model, said),) = verdict_lines(tables["verdict"], tables["models"])
    text = " ".join(said)
    assert model == "m" and said[0].startswith("In short, beside s: its maps' inequality is higher")
    assert "Gini index over single values: 0.600 [" in text and "higher than s (0.350)" in text
    assert "Up to 2 black squares of radius up to 1" in text and "67 % of images are fooled" in text
    values = by(tables["verdict"], "measure", "attack", "setting")["value"]
    assert f"That is {100 * values[[('gain', 'noise', 'replace')]].item():+.0f} points" in text
    assert "right on" in text and "nan" not in text.lower()
    # Two models under audit are each other's reference too.
    both = build_tables(two, SETTINGS, ["m", "s"])
    assert [name for name, _ in verdict_lines(both["verdict"], both["models"])] == ["m", "s"]
