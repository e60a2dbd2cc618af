"""Each number of a real run's report is the one in the CSV that it came from."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from project import Project
from reports import read_page

from ineq.attacks.names import BUDGET_TYPES as AXES
from ineq.stages.paper import PAPER
from ineq.stages.tables import TABLES

ATTACKED = ("attacks",)
"""Tables that the report shows with the places of attack side by side."""


@pytest.fixture(scope="module")
def results(run_by_snakemake: Project) -> Path:
    return run_by_snakemake.root / "results" / "tiny"


@pytest.fixture(scope="module")
def page(results: Path) -> tuple[dict[str, pd.DataFrame], str]:
    return read_page(results / "report.html")


def same(text: str, value: object) -> bool:
    """Whether a cell says what a table holds, numbers to four digits."""
    if value is None or value != value:
        return text == ""
    if isinstance(value, float):
        return float(text) == float(f"{value:.4g}")
    return text == str(value).replace("`", "")


@pytest.mark.parametrize("name", [*(name for name in TABLES if name not in ATTACKED), "claims", "sensitivity"])
def test_tables(page: tuple[dict[str, pd.DataFrame], str], results: Path, name: str) -> None:
    folder = "paper" if name in ("claims", "sensitivity") else "tables"
    wanted = pd.read_csv(results / folder / f"{name}.csv", keep_default_na=False, na_values=[""])
    found = page[0].get(name, pd.DataFrame(columns=wanted.columns))
    assert list(found) == list(wanted) and len(found) == len(wanted)
    for column in wanted:
        pairs = zip(found[column], wanted[column], strict=True)
        assert all(same(text, value) for text, value in pairs), column


@pytest.mark.parametrize("name", ATTACKED)
def test_tables_with_the_places_side_by_side(
    page: tuple[dict[str, pd.DataFrame], str], results: Path, name: str
) -> None:
    wanted, found = pd.read_csv(results / f"tables/{name}.csv", dtype=AXES), page[0][name]
    keys = [column for column in found if column in wanted and column not in ("where", "sd")]
    shown = {tuple(row[key] for key in keys): row for row in found.to_dict("records")}
    assert len(shown) == len(found) == len(wanted) / wanted["where"].nunique()
    for row in wanted.to_dict("records"):
        cells = shown[tuple("" if pd.isna(row[key]) else str(row[key]) for key in keys)]
        assert same(cells[row["where"]], row["error_rate"])
        assert same(cells.get(f"sd {row['where']}", ""), row["sd"])


def test_the_papers_numbers(page: tuple[dict[str, pd.DataFrame], str], results: Path) -> None:
    tables = [pd.read_csv(results / f"paper/{name}.csv") for name in PAPER]
    wanted = pd.concat([table[table["paper"].notna()] for table in tables], ignore_index=True)
    found = page[0]["numbers"]
    assert len(found) == len(wanted) > 0
    for column in ("here", "paper", "difference"):
        assert all(same(text, float(value)) for text, value in zip(found[column], wanted[column], strict=True))


def test_the_lead(page: tuple[dict[str, pd.DataFrame], str], results: Path) -> None:
    gini = {
        (row["measure"], row["model"]): row
        for row in pd.read_csv(results / "tables/gini.csv").to_dict("records")
        if row["method"] == "integrated_gradients"
    }
    number = r"(\d\.\d{3})"
    told = re.findall(rf"{number} \[{number}, {number}\] for (standard|linf-0\.3) \(ε = ([\d.]+)\)", page[1])
    assert [model for *_, model, _ in told] == ["standard", "linf-0.3"] * 2
    for measure, rows in (("gini_global", told[:2]), ("gini_regional", told[2:])):
        for mean, low, high, model, epsilon in rows:
            row = gini[measure, model]
            assert [mean, low, high] == [f"{row[key]:.3f}" for key in ("mean", "low", "high")]
            assert float(epsilon) == {"standard": 0, "linf-0.3": 0.3}[model]
    counts = pd.read_csv(results / "paper/claims.csv")["verdict"].value_counts()
    for verdict in ("supported", "contradicted", "undecided", "not testable here"):
        assert f" {counts.get(verdict, 0)} {verdict}" in page[1]
    models = pd.read_csv(results / "tables/models.csv")["accuracy"]
    assert f"Accuracy from {100 * models.min():.1f} to {100 * models.max():.1f} %." in page[1]


def test_the_headline_attacks(page: tuple[dict[str, pd.DataFrame], str], results: Path) -> None:
    table = pd.read_csv(results / "tables/contrasts.csv")
    table = table[table["method"] == "integrated_gradients"]
    found = page[0]["headline"]
    assert len(found) == 5, "two kinds of noise, three colours"
    for cells in found.itertuples(index=False):
        attack, setting, budget = cells[0].split(", ", 2)
        rows = table[(table["attack"] == attack) & (table["setting"] == setting)]
        if attack == "noise":
            rows = rows[rows["subpixels"] == int(budget.removesuffix(" values"))]
        else:
            count, radius = map(int, budget.strip("()").split(", "))
            rows = rows[(rows["count"] == count) & (rows["radius"] == radius)]
        for model, rates, difference in (("standard", *cells[1:3]), ("linf-0.3", *cells[3:5])):
            (row,) = rows[rows["model"] == model].to_dict("records")
            assert rates == f"{100 * row['guided']:.1f}, {100 * row['random']:.1f}"
            values = [float(value) for value in re.findall(r"[-+][\d.]+", difference)]
            assert values == [float(f"{100 * row[key]:.1f}") for key in ("difference", "low", "high")]


def test_the_gallery(page: tuple[dict[str, pd.DataFrame], str], results: Path) -> None:
    """In the file, and as the page tells it, image by image and model by model."""
    content = json.loads((results / "gallery/gallery.json").read_text())
    images = [image for group in content["groups"] for image in group["images"]]
    names = [model["name"] for model in content["models"]]
    assert len(images) == 4 and names == ["standard", "linf-0.3"]
    tables = {
        name: pd.read_csv(results / f"inequality/{name}/integrated_gradients/inequality.csv").set_index("image")
        for name in names
    }
    wanted = [(name, tables[name].loc[image["index"], "gini_global"]) for image in images for name in names]
    told = [model["gini"] for image in images for model in image["models"]]
    assert told == [gini for _, gini in wanted]
    shown = re.findall(r"(standard|linf-0\.3) Gini (\d\.\d{3})", page[1])
    assert shown == [(name, f"{gini:.3f}") for name, gini in wanted]
