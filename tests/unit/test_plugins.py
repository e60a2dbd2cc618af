"""Plug-ins are found by their entry points, digested by meaning, and refused with one sentence."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from ruamel.yaml import YAML

import ineq
from ineq.attacks.base import Attack
from ineq.attacks.registry import attack_of
from ineq.attacks.run import attack_outcome
from ineq.attribution.methods import METHODS
from ineq.config.fields import leaves
from ineq.config.loader import PARAMS, load_parameters
from ineq.config.options import ATTACKS
from ineq.config.plugins import check_plugins
from ineq.config.schema import Parameters, Plugins
from ineq.errors import InputError
from ineq.installed import Plugin, find
from ineq.models.normalized import Normalized
from ineq.provenance.code import describe_job, describe_plugin, describe_stage

ROOT = Path(__file__).resolve().parents[2]
METHOD = """
import torch
from ineq.attribution.methods import Method

def ones(model, batch, *, size):
    return torch.full_like(batch.images, size)

METHOD = Method(ones, {"size": 1.0}, {})
"""
NONE = {"models": [], "methods": [], "attacks": [], "maps": [], "options": {}}
Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a package of one module by hand: a file, and the metadata that Python looks for."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("ineq.attribution.methods.METHODS", METHODS)
    before, modules = dict(METHODS), set(sys.modules)

    def write(distribution: str, entries: str, version: str = "1.0", **files: str) -> Path:
        about = tmp_path / f"{distribution.replace('-', '_')}-{version}.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (about / "entry_points.txt").write_text(entries)
        for name, text in files.items():
            path = tmp_path / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    yield write
    for name in set(METHODS) - set(before):
        del METHODS[name]
    for name in set(sys.modules) - modules:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def method(name: str, value: str) -> str:
    return f"[ineq.methods]\n{name} = {value}\n"


def test_a_method_of_another_package_is_one_like_any(install: Install) -> None:
    install("ineq-ones", method("ones", "ineq_ones:METHOD"), ineq_ones=METHOD)
    model = Normalized(torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(16, 2)), [0.5], [0.5])
    images, labels = np.zeros((3, 1, 4, 4), np.float32), np.zeros(3, np.int64)
    found = ineq.attribute(model, images, labels, method="ones", size=2.0)
    assert isinstance(found, np.ndarray) and found.dtype == np.float32 and (found == 2).all()
    with pytest.raises(InputError, match="unknown option of ones 'sise', expected one of size; did you mean 'size'"):
        ineq.attribute(model, images, labels, method="ones", sise=2.0)
    with pytest.raises(InputError, match=r"unknown attribution method 'onse', expected one of .*; did you mean 'ones'"):
        ineq.attribute(model, images, labels, method="onse")


def test_a_built_in_method_is_never_replaced(install: Install) -> None:
    install("ineq-shadow", method("input_x_gradient", "ineq_shadow:METHOD"), ineq_shadow=METHOD)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(16, 2))
    found = ineq.attribute(model, torch.zeros(1, 1, 4, 4), torch.zeros(1, dtype=torch.int64), method="input_x_gradient")
    assert (found == 0).all() and METHODS["input_x_gradient"].function.__name__ == "input_x_gradient"


@pytest.mark.parametrize(
    ("value", "text", "sentence"),
    [
        ("ineq_bad:METHOD", "METHOD = 3", "is a int, expected an ineq.attribution.methods.Method"),
        ("ineq_bad:METHOD", "import no_such_module_at_all", "can't be loaded: ModuleNotFoundError: No module named"),
        ("ineq_bad:OTHER", METHOD, "can't be loaded: AttributeError"),
        ("ineq_bad:METHOD", "raise SystemExit(3)", "can't be loaded: SystemExit: 3"),
    ],
)
def test_a_package_that_has_no_method_is_refused(install: Install, value: str, text: str, sentence: str) -> None:
    install("ineq-bad", method("bad", value), ineq_bad=text)
    with pytest.raises(InputError, match=rf"plug-in method 'bad' \(ineq-bad 1.0\) {sentence}"):
        ineq.attribute(torch.nn.Flatten(), np.zeros((1, 1, 2, 2), np.float32), np.zeros(1, np.int64), method="bad")


def test_a_plugin_that_is_not_there_or_there_twice(install: Install) -> None:
    with pytest.raises(InputError, match=r"no installed package has a plug-in attack 'wipe' .*: there is none"):
        find("attack", "wipe")
    install("ineq-one", method("ones", "ineq_one:METHOD"), ineq_one=METHOD)
    with pytest.raises(InputError, match="there are ones; did you mean 'ones'"):
        find("method", "one")
    install("ineq-two", method("ones", "ineq_two:METHOD"), "2.0", ineq_two=METHOD)
    with pytest.raises(InputError, match=r"in several installed packages, ineq-one 1[.]0 and ineq-two 2[.]0: keep one"):
        find("method", "ones")


def test_the_digest_is_of_all_modules_of_the_package_by_meaning(install: Install) -> None:
    parts = {"lots/__init__": "from .maps import METHOD\n", "lots/maps": METHOD, "lots/deep/far": "import scipy\n"}
    root = install("ineq-lots", method("lots", "lots:METHOD"), **parts)
    before = describe_plugin("method", "lots")
    assert set(before["modules"]) == {"lots", "lots.maps", "lots.deep.far"} and "lots" not in sys.modules
    assert before["packages"].keys() == {"ineq-lots", "torch", "scipy"} and before["packages"]["ineq-lots"] == "1.0"
    assert (
        before["plugins"]["lots"]["distribution"] == "ineq-lots" and before["plugins"]["lots"]["entry"] == "lots:METHOD"
    )
    (root / "lots/maps.py").write_text(f"# a comment\n{METHOD}")
    assert describe_plugin("method", "lots") == before
    (root / "lots/maps.py").write_text(METHOD.replace("1.0", "2.0"))
    after = describe_plugin("method", "lots")
    assert {name for name in after["modules"] if after["modules"][name] != before["modules"][name]} == {"lots.maps"}


def test_a_namespace_is_no_package(install: Install) -> None:
    """Of a namespace that several packages share, only the part that has the plug-in counts."""
    part, other = {"shared/part/__init__": "", "shared/part/maps": METHOD}, {"shared/other/__init__": ""}
    install("ineq-part", method("part", "shared.part.maps:METHOD"), **part)
    install("ineq-other", "", **other)
    assert set(describe_plugin("method", "part")["modules"]) == {"shared.part", "shared.part.maps"}
    with pytest.raises(InputError, match="names module 'gone', which is not there"):
        install("ineq-gone", method("gone", "gone:METHOD"))
        describe_plugin("method", "gone")


def test_a_jobs_code_has_its_own_plugin_and_no_other(install: Install) -> None:
    install("ineq-ones", method("ones", "ineq_ones:METHOD"), ineq_ones=METHOD)
    own, stage = describe_job("attribute", [("method", "ones")], ROOT), describe_stage("attribute", ROOT)
    assert describe_job("attribute", [("method", "smoothgrad")], ROOT) == stage
    assert {*own["modules"]} - {*stage["modules"]} == {"ineq_ones"} and set(own["plugins"]) == {"ones"}


def test_a_jobs_code_has_the_attack_that_it_runs_and_no_other() -> None:
    noise, occlusion = (set(describe_job("attack", [("attack", name)], ROOT)["modules"]) for name in ATTACKS)
    assert noise - occlusion == {"ineq.attacks.noise"}
    assert {"ineq.attacks.occlusion", "ineq.inequality.measures"} <= occlusion - noise


def plugins(**changes: object) -> Plugins:
    return Plugins.model_validate({**NONE, **changes})


MAPS = [("standard", "integrated_gradients"), ("standard", "ones")]
NAMED = {"models": ["standard"], "methods": ["ones"], "options": {"ones": {}}}


def test_a_study_that_names_none_looks_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ineq.installed.entry_points", pytest.fail)
    check_plugins(plugins(), MAPS, PARAMS)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({**NAMED, "methods": ["smoothgrad"]}, "'plugins.methods' names 'smoothgrad', which is built in"),
        ({**NAMED, "attacks": ["noise"]}, "'plugins.attacks' names 'noise', which is built in"),
        ({**NAMED, "attacks": ["ones"], "maps": ["ones"]}, "'ones' is in 'plugins.methods' and in 'plugins.attacks'"),
        ({**NAMED, "options": {}}, "'plugins.options' has no 'ones', expected its options, {} for none"),
        ({**NAMED, "options": {"ones": {}, "onse": {}}}, "has 'onse', which is no plug-in .*; did you mean 'ones'"),
        ({**NAMED, "models": []}, "'plugins.methods' names plug-ins, but 'plugins.models' is empty"),
        ({**NAMED, "attacks": ["wipe"], "options": {"ones": {}, "wipe": {}}}, "but 'plugins.maps' is empty"),
        ({**NAMED, "maps": ["smoothgrad"]}, "no such maps, only by integrated_gradients, ones"),
        ({**NAMED, "methods": ["noes"], "options": {"noes": {}}}, "names 'noes': no installed .*; did you mean 'ones'"),
    ],
)
def test_what_a_study_cannot_run_is_refused(install: Install, changes: dict, sentence: str) -> None:
    install("ineq-ones", method("ones", "ineq_ones:METHOD"), ineq_ones=METHOD)
    check_plugins(plugins(**NAMED), MAPS, PARAMS)
    with pytest.raises(InputError, match=sentence) as refused:
        check_plugins(plugins(**changes), MAPS, PARAMS)
    assert str(refused.value).startswith("params.yaml: ") and "ineq_ones" not in sys.modules, "none of its code runs"


def test_each_option_is_a_leaf_of_its_own() -> None:
    content = load_parameters(ROOT / "params.yaml").model_dump()
    options = {"a": {"steps": 8.0, "kind": "fast"}, "b": {}}
    found = dict(leaves(Parameters.model_validate({**content, "plugins": {**NONE, "options": options}})))
    own = {key: value for key, value in found.items() if key.startswith("plugins.options")}
    assert own == {"plugins.options.a.steps": 8, "plugins.options.a.kind": "fast", "plugins.options.b": {}}
    assert isinstance(own["plugins.options.a.steps"], int), "8.0 is 8"


@pytest.mark.parametrize("value", [[1, 2], None, {"a": 1}, float("nan"), float("inf"), 2**40, "two\nlines"])
def test_an_option_of_no_plain_value_is_one_sentence(tmp_path: Path, value: object) -> None:
    content = YAML(typ="safe").load(ROOT / "params.yaml")
    content["plugins"]["options"] = {"a": {"steps": value}}
    YAML().dump(content, tmp_path / "params.yaml")
    with pytest.raises(InputError, match=r"'plugins\.options\.a\.steps' is .*, but should be") as refused:
        load_parameters(tmp_path / "params.yaml")
    assert "\n" not in str(refused.value)


@dataclass(frozen=True)
class Paint(Attack):
    """Values at one brightness, the random draw's number of them a little darker."""

    name: ClassVar[str] = "paint"
    settings: ClassVar[Sequence[str]] = ("plain",)
    most: int = 4
    to: float = 1.0

    @property
    def budgets(self):
        return {"painted": (1, self.most)}

    def limits(self, shape):
        return {"painted": shape[0] * shape[1] * shape[2]}

    def mask(self, batch, **budget):
        return batch.first(budget["painted"])

    def fill(self, batch):
        return {"plain": torch.full_like(batch.images, self.to)}


@pytest.fixture
def bright() -> torch.nn.Module:
    """Class 1 where an image is mostly white."""
    last = torch.nn.Linear(4, 2)
    with torch.no_grad():
        last.weight.copy_(torch.tensor([[0.0] * 4, [1.0] * 4]))
        last.bias.copy_(torch.tensor([0.0, -2.0]))
    return torch.nn.Sequential(torch.nn.Flatten(), last)


IMAGES, LABELS = torch.full((3, 1, 2, 2), 0.25), torch.tensor([0, 0, 1])


def test_an_attack_of_another_package_has_an_outcome_like_any(bright: torch.nn.Module) -> None:
    outcome = attack_outcome(Paint(), bright, IMAGES, LABELS, IMAGES, draws=2, seed=5, indices=[7, 3, 9])
    assert outcome.attack == "paint" and outcome.budgets == {"painted": [1, 4]} and outcome.criteria == ["fixed"]
    assert outcome.indices.tolist() == [7, 3, 9] and outcome.evaluated.tolist() == [True, True, False]
    for where, draws in {"important": 1, "least": 1, "random": 2}.items():
        # One white value of four is 1.75 in all, and four are 4.
        assert outcome.prediction[where].tolist() == [[[[0] * 3] * draws, [[1] * 3] * draws]], where
        assert outcome.covered[where].tolist() == [[[0.25] * 3] * draws, [[1.0] * 3] * draws]


class Unmade(Attack):
    """Not a dataclass."""


def broken(**methods: Any) -> type[Attack]:
    return dataclass(frozen=True)(type("Broken", (Paint,), methods))


@pytest.mark.parametrize(
    ("kind", "options", "sentence"),
    [
        (Paint, {"too": 1}, "unknown option of white 'too', expected one of most, to; did you mean 'to'"),
        (Paint, {"most": 5}, "painted is 5, expected a whole number from 1 to 4"),
        ("erase", {}, "attack white is a str, expected a dataclass that inherits ineq.attacks.base.Attack"),
        (Unmade, {}, "attack white is Unmade, expected a dataclass"),
        (broken(mask=lambda self, batch, **budget: batch.images), {}, "gives a mask .* of torch.float32"),
        (broken(fill=lambda self, batch: {"plain": batch.images[:, :, :1, :1].expand(3, 3, 2, 2)}), {}, "expands to"),
        (broken(mask=lambda self, batch, **budget: batch.images[:2] > 0), {}, r"gives a mask \(2, 1, 2, 2\)"),
    ],
)
def test_an_attack_that_breaks_its_contract_is_refused(
    bright: torch.nn.Module, monkeypatch: pytest.MonkeyPatch, kind: Any, options: dict, sentence: str
) -> None:
    monkeypatch.setattr(Plugin, "load", lambda self: kind)
    monkeypatch.setattr("ineq.installed.find", lambda kind, name: Plugin(kind, name, EntryPoint(name, "a:b", "c")))
    with pytest.raises(InputError, match=sentence):
        attack_outcome(attack_of("white", options), bright, IMAGES, LABELS, IMAGES)
