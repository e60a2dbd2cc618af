"""Studies that say what differs: their whole is composed, older ones are completed, and mistakes are one sentence."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ineq.config import loader
from ineq.config.activate import behind_study, use_study
from ineq.config.compose import MODEL_LISTS, base, compose, laid_over, studies, study_values
from ineq.config.fields import leaves
from ineq.config.loader import load_parameters, read_section, read_yaml, yaml_text
from ineq.config.makers import MAKERS
from ineq.config.schema import Parameters
from ineq.config.study import load_study
from ineq.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
DIGITS = "studies/digits.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with the study `digits`, its cards and parameters, and the base values."""
    shutil.copytree(ROOT / "models" / "digits", tmp_path / "models" / "digits")
    (tmp_path / "studies").mkdir()
    for name in (DIGITS, "studies/base.yaml", "params.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def change(path: Path, changes: dict[str, Any]) -> None:
    """Set dotted keys, whose sections may be missing; None as a value takes the key away."""
    content = read_yaml(path)
    for key, value in changes.items():
        *sections, last = key.split(".")
        section = content
        for name in sections:
            section = section.setdefault(name, {})
        if value is None:
            section.pop(last, None)
        else:
            section[last] = value
    YAML().dump(content, path)


def test_the_committed_parameters_are_what_the_command_writes(root: Path) -> None:
    use_study(root, "digits", discard=True)
    assert (root / "params.yaml").read_bytes() == (ROOT / "params.yaml").read_bytes(), "run `ineq study use digits`"
    first, second = (root / "params.yaml").read_text().splitlines()[:2]
    assert "`ineq study use digits`" in first and second == "study: digits"
    assert (root / "params.yaml").read_text().count("#") == 1
    assert list(read_yaml(root / "params.yaml")) == list(Parameters.model_fields)


@pytest.mark.parametrize("name", studies(ROOT))
def test_a_study_is_short_and_its_whole_is_valid(name: str) -> None:
    whole = compose(ROOT, name)
    Parameters.model_validate(whole)
    given, same = read_yaml(ROOT / "studies" / f"{name}.yaml"), base()
    for section, values in given.items():
        for key, value in values.items() if isinstance(values, dict) else ():
            nested = isinstance(value, dict) and isinstance(same[section].get(key), dict)
            repeated = value.items() & same[section][key].items() if nested else value == same[section].get(key)
            assert not repeated, f"{section}.{key} is the base value"


def test_a_value_of_the_study_wins_over_the_base_and_lists_are_not_joined() -> None:
    lower = {"attack": {"count": 10, "subpixels": [10, 20], "noise": {"repeats": 3, "clip": True}}}
    upper = {"attack": {"subpixels": [1], "noise": {"clip": False}}, "study": "a", "else": 1}
    whole = laid_over(lower, upper)
    assert whole["attack"] == {"count": 10, "subpixels": [1], "noise": {"repeats": 3, "clip": False}}
    assert (next(iter(whole)), list(whole)[-1]) == ("study", "else"), "the schema's order, what it does not know last"


def test_any_list_of_models_may_be_all(root: Path) -> None:
    others = ("imports", "convert", "prune")
    change(root / DIGITS, {key: "all" for key in MODEL_LISTS if key.split(".")[0] not in others})
    whole = compose(root, "digits")
    found = dict(leaves(Parameters.model_validate(whole)))
    every = [key for key in MODEL_LISTS if key.split(".")[0] not in others]
    assert {key: found[key] for key in every} == dict.fromkeys(every, whole["models"])
    assert "&id" not in yaml_text(whole), "lists are written out, without YAML's anchors"


def test_where_weights_come_from_stands_on_the_card(root: Path) -> None:
    cards = {"standard": "import", "linf-0.1": "convert"}
    for model, weights in cards.items():
        origin = {"made": "elsewhere", "sha256": None, "accuracy": None}
        change(root / f"models/digits/{model}.yaml", {"weights": weights, "origin": origin})
    whole = compose(root, "digits")
    assert {section: whole[section]["models"] for section in MAKERS} == {
        "train": ["linf-0.05", "linf-0.2", "linf-0.3"],
        "imports": ["standard"],
        "convert": ["linf-0.1"],
        "prune": [],
    }


def test_a_whole_study_for_an_older_version_still_runs(root: Path) -> None:
    """Every key of its day, with the four lists; cards without `weights`, and newer keys are in neither."""
    wanted = compose(root, "digits")
    newer = ("runtime.gpu_batch_size", "figures", "attack.noise.clip")
    YAML().dump(wanted, root / DIGITS)
    change(root / DIGITS, dict.fromkeys(newer))
    for card in (root / "models" / "digits").glob("*.yaml"):
        change(card, {"weights": None})
    (root / "params.yaml").unlink()
    use_study(root, "digits")
    assert load_study(root).leaves == dict(leaves(Parameters.model_validate(wanted)))


SENTENCES = [
    ({"attack.raduis": 3}, r"^studies/digits\.yaml: unknown key 'attack\.raduis'; did you mean 'radius'\?$"),
    ({"atack": {}}, r"^studies/digits\.yaml: unknown key 'atack'; did you mean 'attack'\?$"),
    ({"attack.radius": 0}, r"^studies/digits\.yaml: 'attack\.radius' is 0, but should be greater than or equal to 1$"),
    ({"data.shape": None}, r"^studies/digits\.yaml: key 'data\.shape' is missing: it has no base value"),
    ({"models": "all"}, r"^studies/digits\.yaml: 'models' is 'all', but should be the list that `all` stands for"),
    ({"models": None}, r"^studies/digits\.yaml: key 'models' is missing: it has no base value"),
    ({"study": "digit"}, r"^studies/digits\.yaml: 'study' is 'digit', but should be 'digits', as the file is called$"),
    ({"attack": 3}, r"^studies/digits\.yaml: 'attack' is 3, but should be"),
    ({"models": ["standart"]}, r"^unknown model 'standart' in study 'digits'.*did you mean 'standard'\?$"),
    (
        {"imports": {"models": ["standard"]}, "train": {"models": ["linf-0.05", "linf-0.1", "linf-0.2", "linf-0.3"]}},
        r"^card 'standard': 'weights' is 'train', but the study has it in imports\.models, expected 'import', or",
    ),
    (
        {"attack.count": 65},
        r"^studies/digits\.yaml: 'attack\.count' is 65, but there are 16 regions of 2×2$",
    ),
    (
        {"plugins.models": ["standard"], "plugins.methods": ["smoothgrad"], "plugins.options": {"smoothgrad": {}}},
        r"^studies/digits\.yaml: 'plugins\.methods' names 'smoothgrad', which is built in$",
    ),
    (
        {"sample.models": ["standart"]},
        r"^studies/digits\.yaml: 'sample\.models' names model 'standart', .*; did you mean 'standard'\?$",
    ),
    (
        {"train.models": ["standard"]},
        r"^studies/digits\.yaml: model 'linf-0\.05' is in no list, expected .* or `weights` on its card$",
    ),
]


@pytest.mark.parametrize(("changes", "sentence"), SENTENCES, ids=[str(changes) for changes, _ in SENTENCES])
def test_a_mistake_in_a_study_is_one_sentence(
    root: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], sentence: str
) -> None:
    monkeypatch.chdir(root)
    change(root / DIGITS, changes)
    before = (root / "params.yaml").read_bytes()
    with pytest.raises(InputError, match=sentence) as caught:
        use_study(Path("."), "digits", discard=True)
    assert "\n" not in str(caught.value)
    assert (root / "params.yaml").read_bytes() == before


def test_a_study_is_read_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    monkeypatch.setattr(loader, "content_of", lambda path: read.append(path) or path.read_bytes())
    compose(root, "digits")
    assert read.count(root / DIGITS) == 1


def test_the_base_is_no_study(root: Path) -> None:
    assert studies(root) == ["digits"]
    with pytest.raises(InputError, match=r"'base' is not a study: .* start from; the studies are digits"):
        use_study(root, "base")


def test_parameters_are_whole_and_say_how_a_key_gets_in(root: Path) -> None:
    change(root / "params.yaml", {"runtime.gpu_batch_size": None, "sample.models": "all"})
    with pytest.raises(InputError) as caught:
        load_study(root)
    missing, written = str(caught.value).splitlines()
    assert missing.endswith("key 'runtime.gpu_batch_size' is missing: `ineq study use digits` writes every key")
    assert written.endswith(
        "'sample.models' is 'all', but should be a valid list; `ineq study use digits` writes it out"
    )


def test_using_a_study_loses_no_changes(root: Path) -> None:
    shutil.copytree(root / "models" / "digits", root / "models" / "other")
    YAML().dump(read_yaml(root / DIGITS) | {"study": "other"}, root / "studies" / "other.yaml")
    use_study(root, "other")
    use_study(root, "digits")
    change(root / "params.yaml", {"attack.radius": 3})
    changed = (root / "params.yaml").read_bytes()
    with pytest.raises(
        InputError, match=r"params\.yaml differs from studies/digits\.yaml in attack\.radius: .*--discard"
    ):
        use_study(root, "other")
    assert (root / "params.yaml").read_bytes() == changed
    use_study(root, "digits", discard=True)
    assert load_study(root).leaves["attack.radius"] == 2


def test_a_comment_in_the_parameters_is_not_lost_without_asking(root: Path) -> None:
    params = root / "params.yaml"
    params.write_text(params.read_text().replace("held_out: 800", "held_out: 800  # as in the paper"))
    with pytest.raises(
        InputError, match=r"^params\.yaml has a comment that would be lost, '# as in the paper'.*--disc"
    ):
        use_study(root, "digits")
    with (root / DIGITS).open("a") as study:
        study.write("# as in the paper\n")
    use_study(root, "digits")
    assert "as in the paper" not in params.read_text(), "the study has it"


def test_parameters_behind_an_edited_study_are_named_and_those_edited_on_purpose_are_not(root: Path) -> None:
    use_study(root, "digits")
    params = root / "params.yaml"
    head = params.read_text().splitlines(keepends=True)[0]

    def edit(key: str, value: object) -> None:
        change(params, {key: value})
        params.write_text(head + params.read_text())

    edit("attack.radius", 20)
    assert behind_study(root) == "", "an experiment"
    with (root / DIGITS).open("a") as study:
        study.write("# a comment\n")
    edit("attack.radius", 2)
    assert behind_study(root) == "", "no value"
    change(root / DIGITS, {"attack.radius": 1, "sample.seed": 3})
    wanted = (
        "was edited after params.yaml was written from it, and differs in sample.seed, attack.radius: `ineq study use"
    )
    assert wanted in behind_study(root)
    edit("attack.radius", 1)
    assert "differs in sample.seed: " in behind_study(root)
    change(root / DIGITS, {"attack.radius": "wide"})
    assert behind_study(root) == "", "a mistake, which `ineq study use` tells"
    change(root / DIGITS, {"attack.radius": 1})
    use_study(root, "digits", discard=True)
    assert behind_study(root) == ""
    params.write_text(params.read_text().replace(", of the study's file: ", " "))
    assert behind_study(root) == "", "written by an older version"


def test_what_nobody_edited_is_written_again_without_asking(root: Path) -> None:
    change(root / DIGITS, {"attack.radius": 1})
    use_study(root, "digits")
    assert load_parameters(root / "params.yaml").attack.radius == 1


def test_a_file_that_only_lacks_newer_keys_is_completed_without_asking(root: Path) -> None:
    change(root / "params.yaml", {"runtime.gpu_batch_size": None, "attack.radius": 2.0})
    use_study(root, "digits")
    assert (root / "params.yaml").read_bytes() == (ROOT / "params.yaml").read_bytes()


@pytest.mark.parametrize(
    "text",
    [
        "a: [1\ndata:\n  name: x # a comment\n\n# another\n  path: y\nb: {\n",  # the rest is not read
        "{data: {name: x, path: y}}\n",
        "data: {name: x, path: y}",
        "c: &x x\ndata:\n  name: *x\n  path: y\n",
        '"data":\n  name: x\n  path: y\n',
        "a: 1\r\ndata:\r\n  name: x\r\n  path: y\r\nb: 2\r\n",
    ],
)
def test_a_section_is_read_however_it_is_written(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(text.encode())
    assert read_section(path, "data") == {"name": "x", "path": "y"}


def test_a_study_without_the_section_has_nothing_in_it(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("datas:\n  name: x\ndata: 3\n")
    assert read_section(tmp_path / "a.yaml", "data") == {}
    assert read_section(tmp_path / "a.yaml", "other") == {}


def test_values_without_cards_leave_the_lists_of_the_cards_empty(root: Path) -> None:
    shutil.rmtree(root / "models")
    values = study_values(root, "digits")
    assert values["train"]["models"] == [] and values["tables"]["subpixels"] == 8


def test_the_only_copy_of_a_study_is_not_overwritten(root: Path) -> None:
    shutil.copytree(root / "models/digits", root / "models/mine")
    (root / "studies/mine.yaml").write_text((root / DIGITS).read_text().replace("study: digits", "study: mine"))
    use_study(root, "mine")
    (root / "studies/mine.yaml").unlink()
    with pytest.raises(InputError, match=r"params\.yaml would be lost.*unknown study 'mine'"):
        use_study(root, "digits")
