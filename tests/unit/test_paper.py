"""The paper's tables and claims: verdicts follow the numbers, and nothing of the paper is missing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from paper_study import CARDS, GINI, found
from results_page import FIGURES, results_page

from ineq.analysis.rows import Bootstrap
from ineq.analysis.study_results import StudyResults
from ineq.errors import InputError
from ineq.io.tables import read_table
from ineq.paper import claims as judge
from ineq.paper.agreement import agreement
from ineq.paper.items import COLUMNS, ROWS, table
from ineq.paper.names import ITEMS, VERDICTS
from ineq.paper.numbers import Numbers, paper_name, read_numbers
from ineq.paper.sensitivity import matched, variants_table
from ineq.paper.summary import markdown
from ineq.sensitivity.names import DEFAULT
from ineq.stages.paper import PAPER
from ineq.statistics.conclusions import Interval
from ineq.statistics.intervals import difference_interval, share_interval

ROOT = Path(__file__).resolve().parents[2]
NUMBERS = ROOT / "data/paper/numbers.csv"


def verdict(study: StudyResults, claim: str) -> str:
    claims = read_table(ROOT / "data/paper/claims.csv", "paper", judge.COLUMNS)
    table = judge.verdicts(claims, study, read_numbers(NUMBERS, "CIFAR-10"))
    return str(table.set_index("id").loc[claim, "verdict"])


def test_every_claim_is_decided_by_a_statistic_that_exists_and_each_is_used() -> None:
    claims = read_table(ROOT / "data/paper/claims.csv", "paper", judge.COLUMNS)
    assert set(claims["statistic"]) == set(judge.STATISTICS)
    assert claims["id"].is_unique and claims["wording"].str.len().min() > 10
    assert set(claims["item"]) <= {item.id for item in ITEMS} | {"fig3"}
    with pytest.raises(InputError, match="statistic"):
        judge.verdicts(claims.assign(statistic="gini_rise"), found(), Numbers())


@pytest.mark.parametrize(
    ("claim", "other", "turned"),
    [
        ("gini-rises-with-epsilon", {"gini": {**GINI, "linf-2": 0.5}}, "undecided"),
        ("gini-rises-with-epsilon", {"gini": {**GINI, "linf-8": 0.5}}, "contradicted"),
        ("robust-more-unequal", {"gini": {**GINI, "linf-8": 0.6}}, "undecided"),
        ("robust-more-unequal", {"gini": {**GINI, "linf-8": 0.5}}, "contradicted"),
        ("standard-near-0.58", {"gini": {**GINI, "standard": 0.64}}, "contradicted"),
        ("robust-near-0.73", {"gini": {**GINI, "linf-8": 0.8}}, "contradicted"),
        ("noise-type-1", {"more": 0}, "undecided"),
        ("noise-type-2", {"more": -20}, "contradicted"),
        ("occlusion-black", {"more": -20}, "contradicted"),
        ("l2-occlusion", {"more": 0}, "undecided"),
        ("l2-not-unequal", {"gini": {**GINI, "l2": 0.71}}, "contradicted"),
        ("pruned-not-unequal", {"gini": {**GINI, "pruned": 0.71}}, "contradicted"),
        ("cutout-releases", {"gini": {**GINI, "cut": 0.75}}, "contradicted"),
        ("transfer-from-standard", {"there": 0.2, "back": 0.6}, "contradicted"),
        ("transfer-from-standard", {"there": 0.5, "back": 0.5}, "undecided"),
    ],
)
def test_verdicts_follow_the_numbers(claim: str, other: dict[str, Any], turned: str) -> None:
    assert verdict(found(), claim) == "supported"
    assert verdict(found(**other), claim) == turned


def test_what_a_study_has_no_models_for_is_not_testable() -> None:
    study = found(gini={"standard": 0.6, "linf-8": 0.7})
    assert verdict(study, "gini-rises-with-epsilon") == verdict(study, "l2-not-unequal") == VERDICTS[-1]
    assert verdict(study, "animals-above-scenes") == VERDICTS[-1]


@pytest.mark.parametrize("lone", ["standard", "l2"])
def test_a_study_of_one_model_has_tables_and_no_verdicts(lone: str) -> None:
    study = replace(found(), cards={lone: CARDS[lone]})
    claims = read_table(ROOT / "data/paper/claims.csv", "paper", judge.COLUMNS)
    assert set(judge.verdicts(claims, study, read_numbers(NUMBERS, "CIFAR-10"))["verdict"]) == {VERDICTS[-1]}
    assert all(list(table(item, study, read_numbers(NUMBERS, "none"))) == list(COLUMNS) for item in ROWS)


def test_of_several_seeds_the_first_stands_for_its_training() -> None:
    cards = {f"{model}-{seed}": CARDS[model] for seed in (1, 0) for model in ("linf-8", "standard")}
    study = StudyResults(cards, {})
    assert study.main == ["standard-1", "linf-8-1"] and study.series[2:] == ["linf-8-1", "linf-8-0"]


def test_low_transfer_needs_the_whole_interval_below_a_half() -> None:
    assert verdict(found(there=0.3, back=0.2), "transfer-low") == "supported"
    assert verdict(found(there=0.45, back=0.2), "transfer-low") == "undecided"
    assert verdict(found(there=0.9, back=0.2), "transfer-low") == "contradicted"


def test_tables_show_the_papers_number_and_the_difference() -> None:
    numbers = read_numbers(NUMBERS, "CIFAR-10")
    rows = table("table1", found(), numbers)
    assert list(rows) == list(COLUMNS)
    own = rows[(rows["model"] == "linf-8") & (rows["measure"] == "gini_global")].iloc[0]
    assert (own["paper"], own["paper_sd"], own["here"]) == (0.73, 0.06, 0.72)
    assert own["difference"] == pytest.approx(-0.01) and own["paper_id"] == "table1-cifar10-resnet18-linf-8-gini_global"
    occluded = table("table2", found(), numbers)
    full = occluded[(occluded["model"] == "standard") & (occluded["setting"] == "gray")].set_index("count")["paper"]
    assert full.loc[10] == 0.241 and np.isnan(full.loc[5]), "the text has a number for one of both budgets only"
    assert table("table1", found(), read_numbers(NUMBERS, "none"))["paper"].isna().all()


def test_models_outside_the_papers_table_get_no_number() -> None:
    assert [paper_name(CARDS[model]) for model in CARDS] == ["standard", "linf-8", "linf-2", "", "", ""]
    rows = table("a5", found(), read_numbers(NUMBERS, "CIFAR-10"))
    assert rows.loc[rows["model"] == "l2", "paper"].isna().all()


def test_transfer_has_both_denominators() -> None:
    study = found()
    study.tables["transfer"].loc[:49, "source_fooled"] = 0  # the first 50 images from standard to linf-8
    rows = table("table4", study, read_numbers(NUMBERS, "none"))
    rates = rows[rows["source"] == "standard"].set_index("measure")
    assert rates.loc["error_rate", "here"] == 0.6 and rates.loc["error_rate", "images"] == 100
    assert rates.loc["error_rate_of_successes", "here"] == pytest.approx(0.2)
    assert rates.loc["error_rate_of_successes", "images"] == 50


@pytest.mark.parametrize(("item", "measure"), [("table6", "gini_global"), ("table7", "gini_regional")])
def test_class_means_weighted_by_counts_are_the_overall_mean(item: str, measure: str) -> None:
    study = found()
    rows = table(item, study, read_numbers(NUMBERS, "none"))
    whole = study.tables["classes"]
    for model in ("standard", "linf-8"):
        for setting, chosen in {
            "all images": whole[whole["model"] == model],
            "correct images": whole[(whole["model"] == model) & (whole["label"] == whole["prediction"])],
        }.items():
            own = rows[(rows["model"] == model) & (rows["setting"] == setting)]
            assert own["here"].is_monotonic_decreasing
            weighted = np.average(own["here"].astype(float), weights=own["images"].astype(float))
            assert weighted == pytest.approx(chosen[measure].mean())


def test_the_toy_vectors_of_a3() -> None:
    table_a3 = table("a3", found(), read_numbers(NUMBERS, "none")).dropna(subset=["setting"])
    table_a3 = table_a3.set_index(["setting", "measure"])
    rows = table_a3["here"]
    assert rows["[0, 0, 0, 1, 1]", "gini_global"] == pytest.approx(0.6)
    assert rows["[0, 0, 0, 1, 1000]", "gini_global"] == pytest.approx(0.7996, abs=1e-4)
    assert rows["[0, 0, 0, 1, 1]", "sparsity"] == rows["[0, 0, 0, 1, 1000]", "sparsity"] == 0.4
    # The paper says 21.1 %, and by its own rule it is 20.0 %.
    assert table_a3.loc[("[0, 0, 0, 1, 1000]", "share"), "difference"] == pytest.approx(-0.0106, abs=1e-4)


def test_conventions_that_turn_a_conclusion_are_named() -> None:
    rows = variants_table(found(), Bootstrap())
    turned = rows[rows["variant"] == "turned"]
    assert (turned["conclusion"] == "lower").all() and turned["changes"].all()
    own = rows[rows["variant"] == DEFAULT]
    assert (own["conclusion"] == "higher").all() and not own["changes"].any()
    assert set(rows["variant"]) == {
        *(DEFAULT, "turned", "sample: classes weighed alike", "sample: each model's own"),
        *(f"occlusion read as '{reading}'" for reading in ("any", "literal", "fixed")),
        "sample: images of like margin",
    }
    page = markdown({item.id: table(item.id, found(), read_numbers(NUMBERS, "none")) for item in ITEMS}, rows, said())
    assert "Other conclusions than the study's own choices give: turned: gini_global lower" in page


def said() -> pd.DataFrame:
    claims = read_table(ROOT / "data/paper/claims.csv", "paper", judge.COLUMNS)
    return judge.verdicts(claims, found(), read_numbers(NUMBERS, "CIFAR-10"))


def test_without_the_two_models_there_is_no_table_of_conventions() -> None:
    study = found()
    tables = {**study.tables, "sensitivity": study.tables["sensitivity"].head(0)}
    assert variants_table(replace(study, tables=tables), Bootstrap()).empty


def test_matched_pairs_are_alike_and_used_once() -> None:
    rng = np.random.default_rng(1)
    first, last = rng.random(50) * 4, rng.random(60) * 3 + 1
    pairs = matched(first, last)
    assert len(pairs) > 10 and (np.abs(first[pairs[:, 0]] - last[pairs[:, 1]]) <= 0.1).all()
    assert len(set(pairs[:, 0])) == len(set(pairs[:, 1])) == len(pairs)
    assert len(matched(np.array([0.0]), np.array([5.0]))) == 0


def test_difference_of_shares_as_newcombe_has_it() -> None:
    # Newcombe (1998), Table II, method 10: 56/70 − 48/80 is 0.2, 0.0524 to 0.3339.
    found_interval = difference_interval(share_interval(48, 80), share_interval(56, 70))
    assert found_interval == pytest.approx(Interval(0.2, 0.0524, 0.3339), abs=5e-5)


def test_agreement_counts_the_numbers_that_both_have() -> None:
    rows = table("table1", found(), read_numbers(NUMBERS, "CIFAR-10"))
    told = agreement("table1", rows, said())
    assert told.startswith("4 numbers are in the paper's text too, the largest difference is 0.190")
    assert "gini-rises-with-epsilon: supported" in told
    assert agreement("table8", rows.head(0), said()).startswith("Not here")


def test_nothing_of_the_paper_is_missing() -> None:
    assert tuple(item.id for item in ITEMS) == tuple(ROWS) == PAPER
    page = results_page(ROOT)
    for number in range(1, 9):
        assert f"| Table {number} " in page
    for number in range(1, 10):
        assert f"| Figure {number} |" in page
    for place in ("A.3", "A.5", "A.6"):
        assert f"| {place} |" in page
    text = " ".join(str(value) for value in FIGURES.values())
    assert "A.10" in text
    for file in re.findall(r"\]\((results/[^)]+)\)", page):
        assert (ROOT / "docs" / file).is_file(), file
