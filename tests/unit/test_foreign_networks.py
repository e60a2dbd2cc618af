"""Networks of other packages and of one's own: named on a card, and run only where their user allows it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from ineq.errors import InputError
from ineq.models.architectures import build
from ineq.models.foreign_networks import ALLOWED

MODULE = """
from pathlib import Path
import torch

Path(__file__).with_name("ran").touch()


def make(num_classes):
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, num_classes))


def fixed():
    return torch.nn.Flatten()


def broken():
    raise KeyError("no such layer")


def number():
    return 7


def ending():
    raise SystemExit


def unsized(classes):
    return torch.nn.Sequential(torch.nn.LazyConv2d(16, 3), torch.nn.Flatten(), torch.nn.LazyLinear(classes))


WIDTH, MADE = 16, fixed()
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "their_nets.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "their_nets", raising=False)
    return tmp_path


def network(name: str, **options: int) -> torch.nn.Module:
    return build({"name": name, "channels": 3, "classes": 5, **options})


def test_torchvisions_own(tmp_path: Path) -> None:
    state = torch.random.get_rng_state()
    found = network("torchvision.resnet18")
    assert found(torch.zeros(2, 3, 32, 32)).shape == (2, 5)
    assert torch.equal(torch.random.get_rng_state(), state)
    with pytest.raises(InputError, match="did you mean 'resnet18'"):
        network("torchvision.resnet81")
    with pytest.raises(InputError, match="3 channels"):
        build({"name": "torchvision.resnet18", "channels": 1, "classes": 5})


def test_code_of_ones_own_runs_only_where_it_is_allowed(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for others in ("", "their", "their_nets2:os"):
        monkeypatch.setenv(ALLOWED, others)
        with pytest.raises(InputError, match=f"export {ALLOWED}=their_nets"):
            network("their_nets.make")
        assert not (module / "ran").exists()
    monkeypatch.setenv(ALLOWED, "os:their_nets")
    assert network("their_nets.make")(torch.zeros(2, 3, 2, 2)).shape == (2, 5)
    assert network("their_nets.fixed")(torch.zeros(2, 3, 2, 2)).shape == (2, 12)
    assert (module / "ran").exists()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("their_nets.broken", "cannot be built .*no such layer"),
        ("their_nets.number", "gives a int, expected a torch.nn.Module"),
        ("their_nets.nothing", "cannot be imported .*nothing"),
        ("their_nets.WIDTH", r"is no function \(int\), expected one that makes a network"),
        ("their_nets.MADE", r"is no function \(Flatten\), expected one that"),
        ("their_nets.ending", r"ends the program \(SystemExit: no code\) when it is built, expected a function"),
        ("their_nets.unsized", "has a LazyConv2d, which has no size before it has seen a batch, expected a layer"),
    ],
)
@pytest.mark.usefixtures("module")
def test_what_fails_is_said_in_a_sentence(name: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOWED, "their_nets")
    with pytest.raises(InputError, match=sentence):
        network(name)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("import sys; sys.exit(0)", r"ends the program \(SystemExit: 0\) when it is imported, expected a module that"),
        (
            "import argparse; p = argparse.ArgumentParser(); p.add_argument('data'); p.parse_args()",
            r"\(SystemExit: 2\) when it is imported",
        ),
    ],
)
def test_a_module_that_is_a_program_is_refused(
    module: Path, monkeypatch: pytest.MonkeyPatch, code: str, sentence: str
) -> None:
    (module / "their_nets.py").write_text(f"{MODULE}\n{code}\n")
    monkeypatch.setenv(ALLOWED, "their_nets")
    with pytest.raises(InputError, match=f"^architecture 'their_nets.make' .*{sentence}"):
        network("their_nets.make")


def test_a_module_does_not_see_the_arguments_of_this_process(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = "import argparse; p = argparse.ArgumentParser(); p.add_argument('--lr'); p.parse_args()"
    (module / "their_nets.py").write_text(f"{MODULE}\n{more}\n")
    monkeypatch.setenv(ALLOWED, "their_nets")
    monkeypatch.setattr(sys, "argv", arguments := ["ineq", "audit", "mine.pt"])
    assert network("their_nets.make") and sys.argv is arguments


def test_a_package_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(InputError, match="timm is not installed"):
        network("timm.resnet18")
