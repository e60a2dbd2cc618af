"""Every generated file and its text, in one place: `make generate` writes them, `make check` and a test compare."""

from __future__ import annotations

from pathlib import Path

from ineq.config.card import Card
from ineq.config.describe import base_yaml, schema_json
from ineq.config.schema import Parameters
from ineq.pipeline.dvcfile import dvc_yaml
from ineq.pipeline.page import parameters_page
from ineq.pipeline.readme import readme
from ineq.pipeline.results_page import results_page


def generated() -> dict[Path, str]:
    """Texts by path."""
    return {
        Path("README.md"): readme(),
        Path("studies/base.yaml"): base_yaml(),
        Path("dvc.yaml"): dvc_yaml(),
        Path("docs/parameters.md"): parameters_page(),
        Path("docs/results.md"): results_page(),
        Path("docs/params.schema.json"): schema_json(Parameters),
        Path("docs/card.schema.json"): schema_json(Card),
    }
