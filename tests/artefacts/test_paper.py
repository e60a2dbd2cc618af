"""The paper's tables of a real run, held against the per-image results that they come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from project import Project

from ineq.attacks.outcome_file import read_outcome
from ineq.paper.names import ITEMS


@pytest.fixture(scope="module")
def results(run_by_snakemake: Project) -> Path:
    """Its folder of results."""
    return run_by_snakemake.root / "results" / "tiny"


def test_transfers_diagonal_is_the_direct_attack(results: Path) -> None:
    table = pd.read_csv(results / "transfer/transfer.csv")
    own = table[table["source"] == table["target"]]
    assert set(zip(own["source"], own["method"], strict=True)) == {
        *(("standard", method) for method in ("integrated_gradients", "input_x_gradient", "gradient_shap")),
        ("linf-0.3", "integrated_gradients"),
    }
    for (model, method), rows in own.groupby(["source", "method"]):
        folder = results / f"attack/{model}/{method}"
        noise, occlusion = (read_outcome(folder / name / "outcome.h5", "attack") for name in ("noise", "occlusion"))
        every = np.ones(len(noise.labels), bool)
        assert (rows.groupby("image")["target_right"].first()[noise.indices] == noise.evaluated).all()
        for _, part in rows[rows["attack"] == "noise"].groupby(["setting", "repeat"]):
            first = part.iloc[0]
            budget = {"subpixels": int(first["subpixels"])}
            direct = noise.success("important", first["setting"], budget, every)[first["repeat"]]
            assert (part["fooled"].to_numpy() == direct).all() and (part["image"].to_numpy() == noise.indices).all()
        for _, part in rows[rows["attack"] == "occlusion"].groupby(["count", "radius"]):
            budget = {axis: int(part[axis].iloc[0]) for axis in ("count", "radius")}
            (direct,) = occlusion.success("important", "black", budget, every)
            assert (part["fooled"].to_numpy() == direct).all()


@pytest.mark.parametrize(("item", "measure"), [("table6", "gini_global"), ("table7", "gini_regional")])
def test_class_means_weighted_by_counts_are_the_overall_mean(results: Path, item: str, measure: str) -> None:
    whole = pd.read_csv(results / "classes/standard/classes.csv")
    table = pd.read_csv(results / f"paper/{item}.csv")
    right = whole[whole["label"] == whole["prediction"]]
    for setting, chosen in {"all images": whole, "correct images": right}.items():
        rows = table[table["setting"] == setting]
        assert rows["images"].sum() == len(chosen) and len(rows) == 10
        assert np.average(rows["here"], weights=rows["images"]) == pytest.approx(chosen[measure].mean())


def test_a_pruned_model_is_as_sparse_as_its_card_says(results: Path) -> None:
    table = pd.read_csv(results / "paper/a6.csv")
    shares = table[table["model"] == "pruned"].set_index("measure")["here"]
    assert shares["zero_filters"] == pytest.approx(0.1, abs=0.05), "0.1 of each layer's filters, rounded"
    layers = pd.read_csv(results / "models/pruned/pruning.csv")
    assert shares["zero_filters"] == layers["zero_filters"].sum() / layers["filters"].sum()
    assert shares["zero_weights"] == layers["zero_weights"].sum() / layers["weights"].sum()


def test_every_table_is_in_the_summary(results: Path) -> None:
    summary = (results / "paper/summary.md").read_text()
    assert all(f"## {item.place}: {item.title}" in summary for item in ITEMS)
    assert "## Claims: " in summary and "## Sensitivity" in summary
