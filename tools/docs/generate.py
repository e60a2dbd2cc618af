"""Every generated file and its text, in one place: `make generate` writes them, `make check` and a test compare."""

from __future__ import annotations

import os
from pathlib import Path

from artefacts_page import artefacts_page
from measured_page import measured_page
from parameters_page import parameters_page
from readme import readme
from results_page import results_page

from ineq.config.card import Card
from ineq.config.describe import base_yaml, schema_json
from ineq.config.schema import Parameters
from ineq.engines.dvc import dvc_yaml


def generated() -> dict[Path, str]:
    """Texts by path."""
    return {
        Path("README.md"): readme(),
        Path("studies/base.yaml"): base_yaml(),
        Path("dvc.yaml"): dvc_yaml(),
        Path("docs/artefacts.md"): artefacts_page(),
        Path("docs/how-it-was-measured.md"): measured_page(),
        Path("docs/parameters.md"): parameters_page(),
        Path("docs/results.md"): results_page(),
        Path("docs/params.schema.json"): schema_json(Parameters),
        Path("docs/card.schema.json"): schema_json(Card),
    }


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parents[2])
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")
        print(path)
