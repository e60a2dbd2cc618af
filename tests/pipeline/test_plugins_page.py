"""docs/plugins.md: its package is built and installed, keeps its contract, and its study is planned as it says."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from documented import run_by
from plugged import build, with_plugins
from project import Project
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "plugins.md").read_text()
FILES = dict(re.findall(r"`(ineq-mine/[^`]+)`:\n\n```\w+\n(.*?)```", PAGE, re.DOTALL))
STUDY = YAML(typ="safe").load(re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0])
COMMANDS = run_by("test_the_study_is_planned")


@pytest.fixture
def project(fresh: Project) -> Project:
    """With the page's package, installed offline in place of the page's first command, and its study."""
    for name, text in FILES.items():
        (fresh.root / name).parent.mkdir(exist_ok=True)
        (fresh.root / name).write_text(text)
    assert COMMANDS[0].endswith("--editable ineq-mine")
    build(fresh.root / "ineq-mine", fresh.root / ".tools" / "site")
    fresh.change(STUDY)
    return with_plugins(fresh)


def test_the_package_keeps_its_contract(project: Project) -> None:
    assert set(FILES) == {"ineq-mine/pyproject.toml", "ineq-mine/ineq_mine.py", "ineq-mine/test_contract.py"}
    assert "1 passed" in project.run(sys.executable, "-m", "pytest", "-q", "ineq-mine", "-p", "no:xdist").stdout


def test_the_study_is_planned(project: Project) -> None:
    """Both engines' commands are run on other packages in test_plugins.py; here they are asked what they would do."""
    assert COMMANDS[1:] == ["ineq params check", "snakemake --cores 8 all", "dvc repro"]
    assert "'tiny' of 4 models and 5 maps" in project.run(*COMMANDS[1].split()).stdout
    planned = {name for name in project.planned_by_snakemake() if {"slope", "wash"} & {*re.split("[ /]", name)}}
    attacks = {f"attack standard/{method}/wash" for method in ("slope", "integrated_gradients")}
    of_method = {f"{stage} standard/slope" for stage in ("attribute", "inequality")} | {"controls slope"}
    of_method |= {f"attack standard/slope/{attack}" for attack in ("noise", "occlusion")}
    assert planned == {*of_method, *attacks, "random_attack standard/wash"}
    listed = project.run("dvc", "stage", "list", "--names").stdout
    assert (
        "attack-plugin-plugin@tiny-standard-slope-wash" in listed and "attribute-plugin@tiny-standard-slope" in listed
    )
