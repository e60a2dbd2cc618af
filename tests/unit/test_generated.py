"""What is generated is committed; and every parameter is used by somebody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from generate import generated

from ineq.config.card import Card
from ineq.config.describe import fields
from ineq.config.options import BUILT_IN, option_keys
from ineq.config.schema import Parameters
from ineq.planning.registry import STAGES
from ineq.planning.stage import OPTIONS
from ineq.provenance.impact import LISTS, parameter_impact

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def at_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize(
    "path",
    [
        str(path)
        for path in (
            *("README.md", "dvc.yaml", "docs/parameters.md", "docs/results.md", "docs/how-it-was-measured.md"),
            *("docs/params.schema.json", "docs/card.schema.json", "studies/base.yaml"),
        )
    ],
)
def test_the_committed_file_is_the_generated_one(path: str) -> None:
    texts = {str(name): text for name, text in generated().items()}
    assert Path(path).read_text(encoding="utf-8") == texts.pop(path), f"{path} has drifted: run `make generate`"


def test_every_generated_file_is_compared() -> None:
    assert len(generated()) == 9


def test_every_leaf_has_a_meaning_and_a_use() -> None:
    impact = parameter_impact()
    for key, field in fields(Parameters):
        assert field.description and field.description.endswith((".", "`.")), key
        assert impact[key][0] or key in LISTS, f"no stage uses '{key}'"
    for key, field in fields(Card):
        assert field.description, key


def test_what_stages_declare_exists() -> None:
    known = {key for key, _ in fields(Parameters)}
    for stage in STAGES.values():
        names = {"{method}": BUILT_IN["method"], "{attack}": BUILT_IN["attack"]}
        options = [
            key
            for token, every in names.items()
            if token in stage.parameters
            for name in every
            for key in option_keys(token.strip("{}"), name)
        ]
        fixed = [key for key in stage.parameters if key not in OPTIONS]
        for prefix in (*fixed, *options, *stage.unused):
            # Input×Gradient has no options.
            if prefix == "attribution.input_x_gradient":
                continue
            assert any(leaf == prefix or leaf.startswith(f"{prefix}.") for leaf in known), f"{stage.name}: {prefix}"


def test_the_json_schema_is_closed() -> None:
    schema = json.loads((ROOT / "docs" / "params.schema.json").read_text())
    assert schema["additionalProperties"] is False
    assert all(part["additionalProperties"] is False for part in schema["$defs"].values())


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_script_is_an_adapter(stage: str) -> None:
    lines = (ROOT / "workflow" / "scripts" / f"{stage}.py").read_text().splitlines()
    assert len(lines) <= 6, "what a stage does is in src/ineq/stages/"
