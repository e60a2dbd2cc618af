"""A whole study whose models are called as a reader of tables or YAML may mistake for something else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
from project import Project
from reports import read_page

from ineq.config.loader import read_yaml, write_yaml

NAMES = {"standard": "0", "linf-0.3": "08", "pruned": "1e3", "imported": "NA"}


def renamed(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: renamed(value) for key, value in content.items()}
    if isinstance(content, list):
        return [renamed(value) for value in content]
    return NAMES.get(content, content) if isinstance(content, str) else content


def rename_models(root: Path) -> None:
    """Other names of models, on cards, in lists and of files."""
    for file in sorted((root / "models/tiny").iterdir()):
        file.rename(file.with_stem(NAMES.get(file.stem, file.stem)))
    for file in (root / "params.yaml", root / "studies/tiny.yaml", *(root / "models/tiny").glob("*.yaml")):
        write_yaml(file, renamed(read_yaml(file)))


def test_a_study_of_models_called_0_and_08(fresh: Project) -> None:
    rename_models(fresh.root)
    fresh.snakemake()
    results = fresh.root / "results/tiny"
    for table, column in {"models": "model", "gini": "model", "attacks": "model", "pairs": "against"}.items():
        names = pd.read_csv(results / f"tables/{table}.csv", dtype=str, keep_default_na=False)[column]
        assert set(names) <= set(NAMES.values()), table
    assert set(json.loads((results / "tables/metrics.json").read_text())) == set(NAMES.values())
    gallery = json.loads((results / "gallery/gallery.json").read_text())
    assert [model["name"] for model in gallery["models"]] == ["0", "08"]
    assert "for 0 and 08." in json.loads((results / "figures/captions.json").read_text())["attacks"]["caption"]
    tables, said = read_page(results / "report.html")
    assert tables["models"]["model"].tolist() == [*NAMES.values()]
    assert tables["models"]["reference"].tolist() == ["", "0", "0", ""]
    assert "for 0 (ε = 0)" in said and "for 08 (ε = 0.3)" in said
