"""Bad parameters and cards: one sentence each, with the key, what was found and what is wanted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ineq.config.loader import read_yaml
from ineq.config.study import load_study
from ineq.errors import InputError
from ineq.planning.jobs import jobs

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with the study `digits`, its cards and parameters."""
    for name in ("models", "studies"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    return tmp_path


def change(path: Path, key: str, value: object) -> None:
    """Set a dotted key; None as value removes it."""
    content = YAML(typ="safe").load(path)
    *sections, last = key.split(".")
    section = content
    for name in sections:
        section = section[name]
    if value is None:
        del section[last]
    else:
        section[last] = value
    YAML().dump(content, path)


BAD = [
    ("attack.raduis", 3, r"unknown key 'attack\.raduis'; did you mean 'radius'\?"),
    ("atack", {}, r"unknown key 'atack'; did you mean 'attack'\?"),
    ("attack.radius", None, r"key 'attack\.radius' is missing"),
    ("attack.radius", "2", r"'attack\.radius' is '2', but should be a valid integer"),
    ("attack.radius", 2.5, r"'attack\.radius' is 2\.5, but should be a valid integer"),
    ("attack.radius", True, r"'attack\.radius' is True, but should be a valid integer"),
    ("attack.radius", 0, r"'attack\.radius' is 0, but should be greater than or equal to 1"),
    ("attack.count", 17, r"'attack\.count' is 17, but there are 16 regions of 2×2"),
    ("attack.colors", ["blak"], r"'attack\.colors\.0' is 'blak', but should be 'black', 'gray', 'white' or 'mean'"),
    ("attack.colors", ["black", "black"], r"'attack\.colors' .* values must differ"),
    ("attack.subpixels", [1, 65], r"'attack\.subpixels' asks for 65, an image has 64 values"),
    ("attack.subpixels", [4, 2], r"'attack\.subpixels' .* ascending"),
    ("tables.subpixels", 3, r"'tables\.subpixels' is 3, expected one of `attack\.subpixels`: 1, 2, 4, 8, 16"),
    ("inequality.region", 3, r"'inequality\.region' is 3, which does not divide images of 8×8"),
    ("data.mean", [0.1, 0.2], r"'data\.mean' has 2 values, the images have 1 channels"),
    ("data.std", [0.0], r"'data\.std\.0' is 0\.0, but should be greater than 0"),
    ("models", ["standard", "linf-0.31"], r"unknown model 'linf-0\.31' in study 'digits'.*did you mean 'linf-0\.3'\?"),
    ("models", ["../digits/standard"], r"'models\.0' is '\.\./digits/standard', but string should match"),
    (
        "maps.integrated_gradients",
        ["standart"],
        r"'maps\.integrated_gradients' names model 'standart'.*did you mean 'standard'\?",
    ),
    ("maps.integrated_gradient", [], r"unknown key 'maps\.integrated_gradient'; did you mean 'integrated_gradients'\?"),
    ("sample.models", ["nobody"], r"'sample\.models' names model 'nobody', which is not one of `models`"),
    ("study", "digit", r"unknown study 'digit': there are .*digits, digits-seeds, imagenet; did you mean 'digits'\?"),
]


@pytest.mark.parametrize(("key", "value", "sentence"), BAD, ids=[f"{key}={value}" for key, value, _ in BAD])
def test_a_bad_parameter_is_one_sentence(root: Path, key: str, value: object, sentence: str) -> None:
    load_study(root)
    change(root / "params.yaml", key, value)
    with pytest.raises(InputError, match=sentence) as caught:
        load_study(root)
    assert "\n" not in str(caught.value)


BAD_CARDS = [
    ("title", "half of a pair: \ud800", r"'title' is .*, but should be one line of text, without '.ud800'"),
    ("train.epsilom", 0.3, r"linf-0\.3\.yaml: unknown key 'train\.epsilom'; did you mean 'epsilon'\?"),
    ("train.epsilon", -1.0, r"'train\.epsilon' is -1\.0, but should be greater than or equal to 0"),
    ("train.epsilon", 0, r"card 'linf-0\.3': train\.norm 'linf' with epsilon 0"),
    (
        "train.attack",
        "n-fgsm",
        r"card 'linf-0\.3': train\.attack 'n-fgsm' with norm 'linf' and \d+ steps, expected 'linf' and 1",
    ),
    ("train.attack", "fgsm", r"'train\.attack' is 'fgsm', but should be 'pgd' or 'n-fgsm'"),
    ("train.ema", 1, r"'train\.ema' is 1, but should be less than 1"),
    ("train.epoch", 3, r"unknown key 'train\.epoch'; did you mean 'epochs'\?"),
    ("architecture.channels", 3, r"card 'linf-0\.3': architecture\.channels has 3 channels, the images have 1"),
]


@pytest.mark.parametrize(("key", "value", "sentence"), BAD_CARDS, ids=[key for key, _, _ in BAD_CARDS])
def test_a_bad_card_is_one_sentence(root: Path, key: str, value: object, sentence: str) -> None:
    change(root / "models" / "digits" / "linf-0.3.yaml", key, value)
    with pytest.raises(InputError, match=sentence):
        load_study(root)


def test_several_mistakes_are_told_at_once(root: Path) -> None:
    change(root / "params.yaml", "attack.radius", 0)
    change(root / "params.yaml", "attack.count", "four")
    with pytest.raises(InputError) as caught:
        load_study(root)
    assert [line.split("'")[1] for line in str(caught.value).splitlines()] == ["attack.count", "attack.radius"]


@pytest.mark.parametrize(
    "text", ["a: 1\na: 2\n", "a: [1\n", "a: !!python/object/apply:os.system ['touch x']\n", "a: \xff"]
)
def test_yaml_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"params\.yaml is not valid YAML"):
        read_yaml(path)
    assert [file.name for file in tmp_path.iterdir()] == ["params.yaml"]


def test_a_study_with_anothers_models_or_data_is_refused(root: Path) -> None:
    shutil.copy(root / "studies" / "digits.yaml", root / "studies" / "other.yaml")
    change(root / "params.yaml", "study", "other")
    with pytest.raises(
        InputError, match=r"unknown model 'standard' in study 'other': there are no cards in models/other/"
    ):
        load_study(root)


def test_eight_is_eight_point_zero_and_order_does_not_matter(root: Path) -> None:
    before = load_study(root).leaves
    change(root / "params.yaml", "attack.radius", 2.0)
    change(root / "params.yaml", "inequality.tolerance", 0)
    content = YAML(typ="safe").load(root / "params.yaml")
    YAML().dump({key: content[key] for key in reversed(content)}, root / "params.yaml")
    after = load_study(root).leaves
    assert after == before
    assert {key: type(value) for key, value in after.items()} == {key: type(value) for key, value in before.items()}


def prune(root: Path, section: dict | None, **parameters: object) -> None:
    """A further model of the study, pruned from `standard` unless said otherwise."""
    card = YAML(typ="safe").load(root / "models" / "digits" / "standard.yaml")
    del card["weights"]
    YAML().dump(card | ({"pruning": section} if section else {}), root / "models" / "digits" / "pruned.yaml")
    change(root / "params.yaml", "models", [*load_study(root).parameters.models, "pruned"])
    for key, value in {"models": ["pruned"], **parameters}.items():
        change(root / "params.yaml", f"prune.{key}", value)


PRUNING = {"kind": "filters", "amount": 0.3}
BAD_PRUNING = [
    (None, {}, r"card 'pruned': section 'pruning' is missing, and the study has it in prune\.models"),
    (PRUNING, {"models": []}, r"model 'pruned' is in no list, expected .*prune\.models"),
    (PRUNING, {"base": "standart"}, r"'prune\.base' names model 'standart'.*did you mean 'standard'\?"),
    (PRUNING, {"base": "pruned"}, r"'prune\.base' is 'pruned', which is pruned itself"),
    (PRUNING, {"base": "linf-0.3"}, r"card 'pruned': train\.norm is none, but 'linf-0\.3', .* has linf"),
    (PRUNING | {"amount": 1}, {}, r"'pruning\.amount' is 1, but should be less than 1"),
    (PRUNING | {"kind": "layers"}, {}, r"'pruning\.kind' is 'layers', but should be 'filters' or 'weights'"),
]


@pytest.mark.parametrize(("section", "parameters", "sentence"), BAD_PRUNING)
def test_a_pruned_model_has_to_fit_its_base(root: Path, section: dict | None, parameters: dict, sentence: str) -> None:
    prune(root, section, **parameters)
    with pytest.raises(InputError, match=sentence):
        load_study(root)


@pytest.mark.parametrize(("key", "value"), [("ema", 0.9), ("attack", "pgd"), ("noise", 0.5)])
@pytest.mark.parametrize("whose", ["standard", "pruned"])
def test_what_only_one_of_the_two_cards_says_does_not_fit(root: Path, whose: str, key: str, value: object) -> None:
    prune(root, PRUNING)
    change(root / f"models/digits/{whose}.yaml", "train.epochs", 3)
    load_study(root)  # for how long a model was trained is its own
    change(root / f"models/digits/{whose}.yaml", f"train.{key}", value)
    with pytest.raises(InputError, match=rf"card 'pruned': train\.{key} is .*, but 'standard', .* has "):
        load_study(root)


def test_a_pruned_model_comes_from_its_base(root: Path) -> None:
    prune(root, PRUNING, base="standard")
    (job,) = (job for job in jobs(load_study(root)) if job.stage.name == "prune")
    assert job.inputs["base"] == Path("results/digits/models/standard/checkpoint.safetensors")
    assert job.parameters["prune.base"] == "standard" and job.parameters["card.pruning.amount"] == 0.3
    assert not {"train.epochs", "train.learning_rate", "train.ramp_epochs"} & set(job.parameters)
