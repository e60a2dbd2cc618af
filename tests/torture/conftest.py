"""A small project that bad input is tried in, and the number of cases that each test tried."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import cases
import engines
import pytest
from project import CHANGES, MODELS, ROOT

from ineq.provenance import records
from ineq.provenance.code import describe_job

SMALL = {**CHANGES, "models": [*MODELS], "prune.models": [], "imports.models": [], "sample.models": ["standard"]}


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a study of two models, in which nothing has run. Copy it before changing it."""
    folder = tmp_path_factory.mktemp("good")
    for name in ("workflow/scripts", "models/digits", "data/paper"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "models" / "digits").rename(folder / "models" / "tiny")
    shutil.copy(ROOT / "data" / "digits.md", folder / "data")
    shutil.copy(ROOT / "params.yaml", folder)
    engines.change_yaml(folder / "params.yaml", SMALL)
    (folder / "studies").mkdir()
    shutil.copy(folder / "params.yaml", folder / "studies" / "tiny.yaml")
    return folder


@pytest.fixture(scope="module")
def place(good: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy for the tests of a module, each of whose cases puts back what it changed."""
    return Path(shutil.copytree(good, tmp_path_factory.mktemp("place") / "project"))


@pytest.fixture(scope="module")
def known_code() -> Iterator[None]:
    """The code of a job is looked at once: it is not what these tests change."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "describe_job", cache(describe_job))
        yield


@pytest.fixture(autouse=True)
def count_cases(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hand the number of cases to whoever writes the summary; it may be another process."""
    name = getattr(request.node, "originalname", request.node.name)
    before = cases.tried.get(name, 0)
    yield
    if count := cases.tried.get(name, 0) - before:
        request.node.user_properties.append(("cases", count))
