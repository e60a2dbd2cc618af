"""Parameters and studies that others wrote go on working after a key got another name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ineq.config.activate import earlier_keys, use_study
from ineq.config.compose import compose
from ineq.config.loader import load_parameters, read_yaml
from ineq.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
PARAMS, STUDY = Path("params.yaml"), Path("studies/digits.yaml")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The study `digits` and its parameters, as they were before `cells` became `budgets`."""
    shutil.copytree(ROOT / "models" / "digits", tmp_path / "models" / "digits")
    (tmp_path / "studies").mkdir()
    shutil.copy(ROOT / "studies/base.yaml", tmp_path / "studies")
    for name in (PARAMS, STUDY):
        content = read_yaml(ROOT / name)
        for section in ("transfer", "tables"):
            content[section]["cells"] = content[section].pop("budgets")
        YAML().dump(content, tmp_path / name)
    return tmp_path


def test_a_key_by_its_earlier_name_is_read_and_told(root: Path) -> None:
    assert load_parameters(root / PARAMS) == load_parameters(ROOT / PARAMS)
    assert compose(root, "digits") == compose(ROOT, "digits")
    pairs = "'transfer.cells' is 'transfer.budgets', 'tables.cells' is 'tables.budgets'"
    assert earlier_keys(root) == f"params.yaml: these keys have new names, and are still read: {pairs}"


def test_the_command_writes_todays_names(root: Path) -> None:
    use_study(root, "digits", discard=True)
    assert "cells" not in (root / PARAMS).read_text() and earlier_keys(root) == ""
    assert (root / PARAMS).read_text().split("\n")[1:] == (ROOT / PARAMS).read_text().split("\n")[1:]


def test_a_key_by_both_names_is_a_mistake(root: Path) -> None:
    text = (root / PARAMS).read_text()
    (root / PARAMS).write_text(text.replace("  cells:", "  budgets: []\n  cells:"))
    with pytest.raises(InputError, match=r"unknown key 'transfer\.cells'"):
        load_parameters(root / PARAMS)
