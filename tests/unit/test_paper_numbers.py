"""The paper's numbers are read by the README and by people: each has one name, one place and a value that can be used.

The paper's text is not part of the repository, so the wordings are not compared here.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
from published import Published
from results_page import gini_values

ROOT = Path(__file__).resolve().parents[2]
PAPER = "data/paper/numbers.csv"
COLUMNS = (
    *("id", "place", "dataset", "architecture", "model", "class", "measure", "attack", "setting"),
    *("subpixels", "count", "radius", "value", "relation", "sd", "source", "wording", "note"),
)
LOST = "not in the text"
NUMERIC = ("subpixels", "count", "radius", "sd")
SHARES = {"gini_global", "gini_regional", "error_rate", "share", "sparsity"}
WORDS = {
    "dataset": {"", "ImageNet", "CIFAR-10"},
    "architecture": {"", "ResNet-18", "ResNet-50", "Wide-ResNet-50", "DenseNet"},
    "model": {"", "standard", "linf-1", "linf-2", "linf-4", "linf-8"},
    "measure": {"", "setting", *SHARES},
    "attack": {"", "noise", "occlusion"},
    "relation": {"", "about", "more than", "almost", "less than"},
    "source": {"text", "second-hand", LOST},
}


def rows() -> list[dict[str, str]]:
    """The file as it is written: an empty field stays empty, where pandas would make it a missing number."""
    with (ROOT / PAPER).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert tuple(reader.fieldnames or ()) == COLUMNS
        return list(reader)


def test_every_number_has_one_name() -> None:
    names = [row["id"] for row in rows()]
    assert names and all(names) and len(set(names)) == len(names)


def test_only_known_words_are_used() -> None:
    """A misspelt word would silently drop its row from every query."""
    strange = [(row["id"], column) for row in rows() for column in WORDS if row[column] not in WORDS[column]]
    assert not strange


def test_a_value_is_missing_exactly_where_it_is_lost() -> None:
    for row in rows():
        assert (row["value"] == "") == (row["wording"] == "") == (row["source"] == LOST), row["id"]
        assert row["source"] != LOST or row["note"], row["id"]
        for column in ("value", *NUMERIC):
            assert row[column] == "" or float(row[column]) >= 0, row["id"]


def test_rates_and_gini_are_shares() -> None:
    """A rate left in per cent would stand beside the runs' rates, which are shares."""
    for row in rows():
        assert row["measure"] not in SHARES or not row["value"] or 0 <= float(row["value"]) <= 1, row["id"]


def test_the_two_numbers_of_occlusion_that_disagree_name_each_other() -> None:
    notes = {row["id"]: row["note"] for row in rows()}
    pair = ("intro-occlusion-standard", "table2-resnet50-n10-r20-standard")
    assert pair[1] in notes[pair[0]] and pair[0] in notes[pair[1]]


def test_the_results_page_takes_resnet18_and_no_densenet() -> None:
    """Both architectures have a model of each name, so the later row of the file would win."""
    paper = pd.read_csv(ROOT / PAPER).set_index("id")["value"]
    shown = {row[0]: row for row in gini_values(Published(ROOT, "cifar10"))["gini"]}
    for model in ("standard", "linf-8"):
        told, other = (paper[f"table1-cifar10-{network}-{model}-gini_global"] for network in ("resnet18", "densenet"))
        assert f"{told:.2f}" in shown[model] and f"{other:.2f}" not in shown[model]
