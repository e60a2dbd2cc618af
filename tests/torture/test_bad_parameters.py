"""Parameters and cards of any content: a study, or a sentence; no name, path or tag runs or reaches anything."""

from __future__ import annotations

import re
from pathlib import Path

import engines
import pytest
from cases import cases, refused
from hostile import FRACTIONS, MARKER, NAMES, NUMBERS, RAW, Raw, as_yaml, broken, places, spoilt, yaml_value
from hypothesis import given
from hypothesis import strategies as st
from project import ROOT

from ineq.config.compose import compose
from ineq.config.study import load_study
from ineq.engines.dvc import dvc_yaml
from ineq.io.text import digest
from ineq.planning.estimate import disk
from ineq.planning.jobs import jobs, refuse_missing

STUDY = engines.read_yaml(ROOT / "params.yaml")
SHORT = engines.read_yaml(ROOT / "studies" / "digits.yaml") | {"study": "tiny"}
CARD = engines.read_yaml(ROOT / "models" / "digits" / "linf-0.3.yaml")
WORD = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
COMMAND = re.compile(rf"python workflow/scripts/\w+\.py( --(model|method|attack) {WORD})*")
PATH = re.compile(rf"{WORD}(/[A-Za-z0-9_.-]+)*")


def planned() -> None:
    """What an engine does with a study before it runs anything."""
    study = load_study()
    found = jobs(study)
    assert disk(found) >= 0
    for job in found:
        assert COMMAND.fullmatch(job.command), job.command
        for path in [*job.input_files, *job.outputs.values(), job.log]:
            assert PATH.fullmatch(str(path)) and ".." not in path.parts, path
        assert digest(job.parameters)
    refuse_missing(found)


def tried(place: Path, contents: dict[str, bytes]) -> str:
    """The sentence for these files in place of the good ones."""
    before = {name: (place / name).read_bytes() for name in contents}
    try:
        for name, content in contents.items():
            (place / name).write_bytes(content)
        return refused(planned, place)
    finally:
        for name, content in before.items():
            (place / name).write_bytes(content)


def as_study(content: object, place: Path) -> dict[str, bytes]:
    """The same content as the parameters and as their study, so that it is not refused for their difference."""
    text = as_yaml(content).encode("utf-8", "surrogatepass")
    return {"params.yaml": text, "studies/tiny.yaml": text}


def test_the_good_ones_are_taken(place: Path) -> None:
    assert tried(place, {}) == ""


@pytest.fixture(scope="module")
def study(place: Path) -> dict:
    return engines.read_yaml(place / "params.yaml")


@cases(6)
@given(st.data())
def test_parameters_of_any_content(place: Path, study: dict, data: st.DataObject) -> None:
    tried(place, as_study(data.draw(spoilt(study, yaml_value)), place))


@cases(6)
@given(st.data())
def test_parameters_of_any_bytes(place: Path, data: st.DataObject) -> None:
    tried(place, {"params.yaml": data.draw(broken((place / "params.yaml").read_bytes()))})


@cases(6)
@given(st.data())
def test_studies_of_any_content(place: Path, data: st.DataObject) -> None:
    """What a study leaves out or overrides, composed; the parameters are written only where that is possible."""
    text = as_yaml(data.draw(spoilt(SHORT, yaml_value))).encode("utf-8", "surrogatepass")
    file, before = place / "studies" / "tiny.yaml", (place / "studies" / "tiny.yaml").read_bytes()
    try:
        file.write_bytes(data.draw(st.just(text) | broken(text)))
        refused(lambda: compose(Path("."), "tiny"), place)
    finally:
        file.write_bytes(before)


@cases(6)
@given(st.sampled_from(list(places(CARD))), st.data())
def test_cards_of_any_content(place: Path, where: tuple, data: st.DataObject) -> None:
    text = as_yaml(data.draw(spoilt(CARD, yaml_value))).encode("utf-8", "surrogatepass")
    content = data.draw(st.just(text) | broken(text))
    tried(place, {"models/tiny/linf-0.3.yaml": content})


NAMED = (("study",), ("models", 0), ("maps", "gradient_shap", 0), ("train", "models", 1), ("sample", "models", 0))
PATHS = (("data", "path"), ("data", "name"), ("prune", "base"))


@cases(6)
@given(
    st.sampled_from((*NAMED, *PATHS)),
    st.sampled_from(NAMES)
    | st.text()
    | st.sampled_from(RAW).map(Raw)
    | st.from_regex(r"[a-z./]{1,12}", fullmatch=True),
)
def test_names_and_paths_reach_no_shell_and_nothing_outside(place: Path, study: dict, where: tuple, name: str) -> None:
    content = {**study, **{key: dict(study[key]) for key in ("data", "maps", "train", "sample", "prune")}}
    _replace(content, where, name)
    # A model is named in several lists, and has a card where a file can have its name.
    if where[-1] == 0 and where[0] == "models":
        for key in ("train", "sample"):
            content[key]["models"] = [name if one == study["models"][0] else one for one in study[key]["models"]]
    tried(place, as_study(content, place))
    assert not list(place.rglob(MARKER))


def _replace(content: dict, where: tuple, name: object) -> None:
    *way, last = where
    section = content
    for key in way:
        section[key] = section[key].copy()
        section = section[key]
    section[last] = name


def test_what_stands_in_a_command_of_dvc_is_a_name_that_its_first_stage_looks_at() -> None:
    """A model's or a plug-in's; that the first stage refuses a bad one is `pipeline/test_hostile_names.py`."""
    found = re.findall(r"cmd: .*", dvc_yaml())
    placed = {name for line in found for name in re.findall(r"\$\{([^}]*)\}", line)}
    assert placed == {"item.model", "item.name", "item.method", "item.attack"}


SENTENCES = [
    *((("train", "learning_rate"), value, "finite number") for value in (".inf", ".nan")),
    (("train", "epochs"), "0x" + "f" * 5000, "'train.epochs' is too large a number, but should be at most"),
    (("attack", "count"), 10**30, "should be at most 4294967295"),
    (("data", "path"), "/datasets/imagenet", "below a folder that you name in INEQ_ALLOW_PATHS"),
    (("data", "path"), "data/../../x", "should lie inside the project"),
    (("data", "path"), "data//x/", "should be written as 'data/x'"),
    (("data", "path"), "results/tiny", "should lie outside of results/"),
    (("data", "path"), "x" * 300, "no name of more than 255 characters"),
    (("train", "epochs"), "2001-13-45", "is not valid YAML: month must be in 1..12"),
    (("train", "epochs"), "[" * 3000, "is not valid YAML: maximum recursion depth"),
    (("robustness", "epsilon"), FRACTIONS[4], "should be a valid number"),
    (("models",), NUMBERS[0], "'models' is 0, but should be a valid list"),
]


@pytest.mark.parametrize(("where", "value", "sentence"), SENTENCES, ids=range(len(SENTENCES)))
def test_what_once_was_a_traceback(place: Path, study: dict, where: tuple, value: object, sentence: str) -> None:
    content = {**study}
    _replace(content, where, Raw(value) if isinstance(value, str) and where != ("data", "path") else value)
    found = tried(place, as_study(content, place))
    assert sentence in found and found.startswith("params.yaml")


def test_a_billion_laughs_are_a_line(place: Path) -> None:
    levels = ["&a0 [ha, ha, ha]", *(f"&a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 40))]
    merges = ["&b0 {x: 1}", *(f"&b{n} {{<<: [*b{n - 1}, *b{n - 1}, *b{n - 1}]}}" for n in range(1, 40))]
    for lines in (levels, merges):
        text = "study: tiny\nmodels:\n" + "".join(f"- {line}\n" for line in lines)
        assert tried(place, {"params.yaml": text.encode()}).startswith("params.yaml")


@pytest.mark.parametrize(
    ("allowed", "path", "taken"),
    [
        ("", "/datasets/x", False),
        ("/datasets", "/datasets", True),
        ("/datasets", "/datasets/x/y", True),
        ("/other:/datasets/", "/datasets/x", True),
        ("/datasets", "/datasets-of-others/x", False),
        ("/datasets", "/datasets/../etc", False),
        (".:data", "/etc/passwd", False),
        ("/", "/etc/passwd", True),
        ("/datasets", "../x", False),
    ],
)
def test_a_path_leaves_the_project_only_where_it_is_allowed_by_name(
    place: Path, study: dict, monkeypatch: pytest.MonkeyPatch, allowed: str, path: str, taken: bool
) -> None:
    monkeypatch.setenv("INEQ_ALLOW_PATHS", allowed)
    content = {**study, "data": {**study["data"], "path": path}}
    text = as_yaml(content)
    (place / "params.yaml").write_text(text)
    before = (place / "studies" / "tiny.yaml").read_bytes()
    try:
        (place / "studies" / "tiny.yaml").write_text(text)
        found = refused(lambda: load_study(), place)
        assert taken == (not found), found
        assert taken or "'data.path'" in found
    finally:
        for name in ("params.yaml", "studies/tiny.yaml"):
            (place / name).write_bytes(before)


def test_a_link_is_its_makers_permission(place: Path, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (place / "data" / "linked").symlink_to(tmp_path / "set")
    study = engines.read_yaml(place / "params.yaml")
    study["data"]["path"] = "data/linked"
    assert tried(place, as_study(study, place)) == ""
    (place / "data" / "linked").unlink()
