"""The README's words come from the committed numbers, whichever way those point."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from readme import Interval, Published, direction, readme
from readme_cifar import cifar

from ineq.errors import InputError
from ineq.housekeeping.publish import publish

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with the committed numbers, to change."""
    shutil.copytree(ROOT / "docs/results", tmp_path / "docs/results")
    shutil.copytree(ROOT / "data/paper", tmp_path / "data/paper")
    shutil.copytree(ROOT / "studies", tmp_path / "studies")
    shutil.copy(ROOT / "README.md", tmp_path)
    return tmp_path


def test_direction_needs_intervals_apart() -> None:
    low, middle, high = Interval(1, 0.9, 1.1), Interval(1.1, 1.0, 1.2), Interval(2, 1.9, 2.1)
    assert direction(low, high) == "higher" and direction(high, low) == "lower"
    assert direction(low, middle) == direction(middle, low) == "not clearly different"


def test_turned_numbers_turn_the_words(copy: Path) -> None:
    before = Published(copy).gini()
    path = copy / "docs/results/digits/gini.csv"
    table = pd.read_csv(path)
    table[["mean", "low", "high"]] = 1 - table[["mean", "high", "low"]]
    table.to_csv(path, index=False)
    assert "the Gini of values rises" in before and "the Gini of values falls" in Published(copy).gini()


def test_a_changed_number_is_drift(copy: Path) -> None:
    committed = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme(copy) == committed
    path = copy / "docs/results/digits/contrasts.csv"
    table = pd.read_csv(path)
    table["guided"] /= 2
    table.to_csv(path, index=False)
    assert readme(copy) != committed


def test_the_papers_numbers_stand_beside_those_of_cifar10(copy: Path) -> None:
    path = copy / "docs/results/cifar10/gini.csv"
    table = pd.read_csv(path)
    mine = (table["method"] == "integrated_gradients") & (table["measure"] == "gini_global")
    rising = {"standard": 0.6, "linf-1": 0.63, "linf-2": 0.65, "linf-4": 0.68, "linf-8": 0.7}
    for model, value in rising.items():
        table.loc[mine & (table["model"] == model), "mean"] = value
    table.to_csv(path, index=False)
    said = cifar(copy)
    assert "| 0.58 | +0.020 |" in said and "| 0.73 | -0.030 |" in said and "| not in it |" in said
    assert "Every Gini that the paper gives too is within 0.05 of it." in said and "it rises at every step" in said
    table.loc[mine & (table["model"] == "standard"), "mean"] = 0.66
    table.to_csv(path, index=False)
    said = cifar(copy)
    assert "Open: more than 0.05 from the paper's Gini are standard by +0.080." in said
    assert "it does not rise at every step" in said


def test_an_unknown_block_is_refused(copy: Path) -> None:
    path = copy / "README.md"
    path.write_text(path.read_text().replace("generated: gini", "generated: ginni"))
    with pytest.raises(InputError, match="unknown block 'ginni'"):
        readme(copy)


def test_only_a_whole_run_is_published(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"models\.csv is missing: run the whole study first"):
        publish("digits", tmp_path)
