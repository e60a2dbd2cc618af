"""Modules of the user: whatever they are called, they are found where the user is."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from ineq.auditing.engine import allowing
from ineq.auditing.request import Subject
from ineq.models.foreign_networks import foreign_network
from ineq.models.user_modules import FOLDER, user_folders

NETWORK = """
from torch import nn
from {helper} import OUTPUTS

def make(num_classes):
    from lazily.imported import BIAS
    return nn.Sequential(nn.Flatten(), nn.Linear(4, OUTPUTS, bias=BIAS))
"""
NAMES = (
    *("train", "data", "attack", "predict", "robustness", "utils", "models"),
    # Modules of the standard library, some of them loaded already, and of packages that this project needs.
    *("statistics", "profile", "code", "queue", "random", "validate", "attr", "tabulate", "captum"),
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A user's folder with what its modules import."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "mine.pt").touch()
    (tmp_path / "lazily").mkdir()
    (tmp_path / "lazily" / "imported.py").write_text("BIAS = False")
    yield tmp_path
    for name in [name for name, module in sys.modules.items() if str(tmp_path) in str(getattr(module, "__file__", ""))]:
        del sys.modules[name]
    sys.modules.pop("lazily", None)


@pytest.mark.parametrize("package", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_it_is_found_and_hides_nothing(name: str, package: bool, here: Path) -> None:
    module = here / name / "__init__.py" if package else here / f"{name}.py"
    module.parent.mkdir(exist_ok=True)
    helper = "calendar" if name != "calendar" else "helper"
    module.write_text(NETWORK.format(helper=helper))
    (here / f"{helper}.py").write_text("OUTPUTS = 3")
    before = dict(sys.modules)
    with allowing([name]):
        source = Subject(Path("mine.pt"), f"{name}.make").card("mine", 1, 3, [0], [1])
        network = foreign_network(f"{name}.make", channels=1, classes=3)
    assert network(torch.zeros(1, 4)).shape == (1, 3) and source
    changed = {key for key, old in before.items() if sys.modules.get(key) is not old}
    assert changed == set(), "what others import stays what it was"


def test_one_that_is_not_there_is_the_installed_one(here: Path) -> None:
    with allowing(["torch.nn"]):
        assert isinstance(foreign_network("torch.nn.Identity", channels=3, classes=3), nn.Identity)


def test_what_python_itself_is_made_of_stays(here: Path) -> None:
    """`sys.py` and `os.py` beside a script are not what it imports either."""
    for name in ("sys", "os", "io", "__main__"):
        (here / f"{name}.py").write_text("raise RuntimeError")
    (here / "mine.py").write_text("import io, os, sys\nfrom torch import nn\nmake = nn.Identity")
    before = sys.modules["__main__"], sys.modules["os"], statistics.mean
    with allowing(["mine"]):
        assert foreign_network("mine.make", channels=1, classes=3)
    assert before == (sys.modules["__main__"], sys.modules["os"], statistics.mean)


def test_the_working_folder_comes_back(here: Path) -> None:
    (here / "mine.py").write_text("import os\nfrom torch import nn\nos.chdir('lazily')\nmake = nn.Identity")
    with allowing(["mine"]):
        assert foreign_network("mine.make", channels=1, classes=3)
    assert Path.cwd() == here


def test_folders_may_have_any_name(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = [here / name for name in ("co:lon", '["a', "[1]", "\u6a21 x", "12")]
    for place in places:
        place.mkdir()
    with allowing(["mine"], [*places, places[0]]):
        assert user_folders() == places
    # By hand it is a path, or several with colons between.
    for text, folders in {"co:lon": places[:1], '["a': places[1:2], "[1]:12": [places[2], places[4]]}.items():
        monkeypatch.setenv(FOLDER, text)
        assert user_folders() == folders
    monkeypatch.setenv(FOLDER, json.dumps(["lazily", "12"]))
    assert user_folders() == [here / "lazily", places[4]]
    monkeypatch.delenv(FOLDER)
    assert user_folders() == [here]
