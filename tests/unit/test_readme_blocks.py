"""The words of README and docs/results.md come from the committed numbers, whichever way those point."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from answer import answer
from published import Published
from readme import readme
from results_page import results_page, study_values
from templating import render

from ineq.errors import InputError
from ineq.housekeeping.publish import publish
from ineq.statistics.conclusions import Interval, direction

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with the committed numbers, to change."""
    shutil.copytree(ROOT / "docs/results", tmp_path / "docs/results")
    shutil.copytree(ROOT / "data/paper", tmp_path / "data/paper")
    shutil.copytree(ROOT / "studies", tmp_path / "studies")
    cards = shutil.ignore_patterns("*.safetensors", "*.csv")
    shutil.copytree(ROOT / "models", tmp_path / "models", ignore=cards)
    shutil.copy(ROOT / "README.md", tmp_path)
    return tmp_path


def said(root: Path, study: str) -> str:
    """What docs/results.md says of a study."""
    return render("study.md.j2", study=study_values(Published(root, study)))


def test_direction_needs_intervals_apart() -> None:
    low, middle, high = Interval(1, 0.9, 1.1), Interval(1.1, 1.0, 1.2), Interval(2, 1.9, 2.1)
    assert direction(low, high) == "higher" and direction(high, low) == "lower"
    assert direction(low, middle) == direction(middle, low) == "not clearly different"


def test_turned_numbers_turn_the_words(copy: Path) -> None:
    before = said(copy, "digits")
    path = copy / "docs/results/digits/gini.csv"
    table = pd.read_csv(path)
    table[["mean", "low", "high"]] = 1 - table[["mean", "high", "low"]]
    table.to_csv(path, index=False)
    assert "to linf-0.3 the global Gini index rises" in before
    assert "to linf-0.3 the global Gini index falls" in said(copy, "digits")


def test_the_answer_has_five_lines(copy: Path) -> None:
    assert [line[:4] for line in answer(copy).splitlines()] == ["- **"] * 5


def test_turned_verdicts_turn_the_answer(copy: Path) -> None:
    held = "- **Holds:** the Gini index of attribution maps rises"
    assert held in readme(copy)
    for study, verdict in {"digits": "undecided", "cifar10": "contradicted"}.items():
        path = copy / f"docs/results/{study}/paper/claims.csv"
        table = pd.read_csv(path, keep_default_na=False)
        table.loc[table["id"] == "gini-rises-with-epsilon", "verdict"] = verdict
        table.to_csv(path, index=False)
        assert held.replace("Holds", "Undecided") in readme(copy), "the studies differ"
    path = copy / "docs/results/digits/paper/claims.csv"
    path.write_text(path.read_text().replace(",undecided,", ",contradicted,"))
    assert held.replace("Holds", "Does not hold") in readme(copy)


def test_a_changed_number_is_drift(copy: Path) -> None:
    pages = {readme: ROOT / "README.md", results_page: ROOT / "docs/results.md"}
    for page, path in pages.items():
        assert page(copy) == path.read_text(encoding="utf-8")
    path = copy / "docs/results/digits/contrasts.csv"
    table = pd.read_csv(path)
    table[["guided", "difference", "low", "high"]] /= 2
    table.to_csv(path, index=False)
    for page, path in pages.items():
        assert page(copy) != path.read_text(encoding="utf-8")


def test_the_papers_numbers_stand_beside_those_of_cifar10(copy: Path) -> None:
    path = copy / "docs/results/cifar10/gini.csv"
    table = pd.read_csv(path)
    mine = (table["method"] == "integrated_gradients") & (table["measure"] == "gini_global")
    rising = {"standard": 0.6, "linf-1": 0.63, "linf-2": 0.65, "linf-4": 0.68, "linf-8": 0.7}
    for model, value in rising.items():
        table.loc[mine & (table["model"] == model), "mean"] = value
    table.to_csv(path, index=False)
    page = said(copy, "cifar10")
    assert "| 0.58 | +0.020 |" in page and "| 0.73 | -0.030 |" in page and "| not in it |" in page
    assert "Every Gini that the paper gives, too, is within 0.05 of it." in page
    assert "Gini index rises at every step" in page
    table.loc[mine & (table["model"] == "standard"), ["mean", "low", "high"]] = 0.66
    table.to_csv(path, index=False)
    page = said(copy, "cifar10")
    assert "More than 0.05 from the paper's Gini: standard (+0.080)." in page
    assert "Gini index does not rise at every step" in page


def test_an_unknown_block_is_refused(copy: Path) -> None:
    path = copy / "README.md"
    path.write_text(path.read_text().replace("generated: answer", "generated: anser"))
    with pytest.raises(InputError, match="unknown block 'anser'"):
        readme(copy)


def test_only_a_whole_run_is_published(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"models\.csv is missing: run the whole study first"):
        publish("digits", tmp_path)
