"""Models, classes and files called 0, 08, NA, true or 模型: they stay text wherever they are written and read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from findings import findings

from ineq.auditing.request import subject
from ineq.config.fields import Name, Section
from ineq.config.loader import check, load_parameters, read_yaml, write_yaml
from ineq.data.samplefile import Sample
from ineq.errors import InputError
from ineq.figures import build
from ineq.figures.read import FigureData
from ineq.gallery.build import gallery
from ineq.io.tables import read_table, write_table
from ineq.report.captions import captions

ROOT = Path(__file__).resolve().parents[2]
NUMBERS = ("0", "08", "4", "1e3", "1_000", "1.5", "0x1f", "007", "2024-01-01")
WORDS = ("NA", "None", "nan", "NaN", "inf", "infinity", "null", "N.A", "true", "False", "no", "off", "Inf")
SIGNS = ("~", "-inf", "#N/A", "<NA>", "1,5", '"', "a\\b", "$x^$", "模型", "نموذج", "é", "e\u0301", "🐱", " ", "'0'")


@pytest.mark.parametrize("column", ["model", "title", "family", "against", "source", "target", "class", "layer"])
@pytest.mark.parametrize("names", [NUMBERS, WORDS, SIGNS, ("0", "4", "8"), ("true", "false"), ("08",)])
def test_names_in_tables_come_back_as_they_were(tmp_path: Path, column: str, names: tuple[str, ...]) -> None:
    numbers = np.arange(len(names)) / 3
    write_table(tmp_path / "a.csv", pd.DataFrame({column: names, "mean": numbers, "images": 7, "headline": True}))
    table = read_table(tmp_path / "a.csv", "tables")
    assert table[column].tolist() == list(names)
    assert table["mean"].tolist() == numbers.tolist()
    assert (table["images"].dtype.kind, table["headline"].dtype.kind) == ("i", "b")
    write_table(tmp_path / "b.csv", table)
    assert (tmp_path / "b.csv").read_bytes() == (tmp_path / "a.csv").read_bytes()


def test_an_empty_cell_is_still_none_and_a_reference_is_a_name_only_among_models(tmp_path: Path) -> None:
    models = pd.DataFrame(
        {"model": ["0", "08"], "title": ["a", "b"], "reference": [None, "00"], "claimed": [None, 0.5]}
    )
    verdict = pd.DataFrame({"model": ["0", "08"], "against": [None, "0"], "reference": [None, 0.5]})
    for name, table in {"models": models, "verdict": verdict}.items():
        write_table(tmp_path / f"{name}.csv", table)
        back = read_table(tmp_path / f"{name}.csv", "tables")
        assert back.isna().to_numpy().tolist() == table.isna().to_numpy().tolist()
        assert back["reference"].dropna().tolist() == table["reference"].dropna().tolist()


def test_names_in_yaml_come_back_as_they_were(tmp_path: Path) -> None:
    content = {"models": [*NUMBERS, *WORDS, *SIGNS], "maps": dict.fromkeys((*NUMBERS, *WORDS, *SIGNS), "08")}
    write_yaml(tmp_path / "a.yaml", content)
    assert read_yaml(tmp_path / "a.yaml") == content


class _Named(Section):
    study: Name
    models: list[Name]


@pytest.mark.parametrize("name", ["0", "08", "1e3", "1_000", "true", "null", "~", ".inf", "2024-01-01", "0x1f"])
def test_a_name_without_quotes_is_one_sentence(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.yaml"
    for text, key in ((f"study: a\nmodels: [b, {name}]", r"models\.1"), (f"study: {name}\nmodels: [b]", "study")):
        path.write_text(text)
        sentence = f"^{path}: '{key}' is .+, but should be a valid string, with quotes around what looks like a number"
        with pytest.raises(InputError, match=sentence) as error:
            check(_Named, read_yaml(path), path)
        assert "\n" not in str(error.value)
        path.write_text(text.replace(name, f"'{name}'", 1))
        if name not in ("~", ".inf"):
            assert name in str(check(_Named, read_yaml(path), path))
    text = (ROOT / "params.yaml").read_text().replace("models:\n", f"models:\n- {name}\n", 1)
    path.write_text(text)
    with pytest.raises(InputError, match="with quotes around"):
        load_parameters(path)


def renamed(names: dict[str, str], classes: tuple[str, ...]) -> FigureData:
    """The made-up findings with other names."""
    study = findings()

    def key(name: str) -> str:
        model, *method = name.split("/")
        return "/".join([names[model], *method])

    def table(of: pd.DataFrame) -> pd.DataFrame:
        return of.assign(**{column: of[column].replace(names) for column in ("model", "family") if column in of})

    sample = Sample(study.sample.images, study.sample.labels, study.sample.indices, classes)
    by_key = {
        part: {key(name): value for name, value in getattr(study, part).items()}
        for part in ("cards", "maps", "inequality", "outcomes")
    }
    return replace(study, sample=sample, tables={n: table(of) for n, of in study.tables.items()}, **by_key)


@pytest.mark.parametrize(
    ("models", "classes"),
    [
        (("0", "08", "8"), ("0", "08", "NA")),
        (("NA", "nan", "None"), ("$x^$", "a$b$", "\\frac")),
        (("1e3", "true", "inf"), ("模型", "قطة", "🐱")),
    ],
)
def test_figures_captions_and_gallery_say_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: tuple[str, str, str], classes: tuple[str, ...]
) -> None:
    names: dict[str, str] = dict(zip(("standard", "linf-0.1", "linf-0.3"), models, strict=True))
    study = renamed(names, classes)
    tables = {}
    for name, table in study.tables.items():
        write_table(tmp_path / f"{name}.csv", table)
        tables[name] = read_table(tmp_path / f"{name}.csv", "tables")
    study = replace(study, tables=tables)
    words = captions(study, 3)
    # Those with names of classes, and of all models.
    monkeypatch.setattr(build, "FIGURES", {name: build.FIGURES[name] for name in ("gini", "examples")})
    outputs = {f"{name}{end}": tmp_path / f"{name}.{end}" for name in build.FIGURES for end in ("", "_png")}
    build.build_figures(study, 1, words, outputs)
    assert all(path.stat().st_size for path in outputs.values())
    content = gallery(study, 4)
    assert [model["name"] for model in content["models"]] == list(models)
    assert {image["class"] for group in content["groups"] for image in group["images"]} <= set(classes)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("08.pt", "08"),
        ("NA.pt", "NA"),
        ("1e3.safetensors", "1e3"),
        ("null", "null"),
        ("café.pt", "caf-"),
        ("模型-v2.pt", "v2"),
    ],
)
def test_a_models_name_comes_from_its_files(tmp_path: Path, file: str, name: str) -> None:
    (tmp_path / file).write_bytes(b"weights")
    assert subject(tmp_path / file, "resnet18").name == name
    assert subject(tmp_path / file, "resnet18", called="0").name == "0"


@pytest.mark.parametrize("file", ["模型.pt", "модель.pt", "🐱.safetensors", "__.pt", "نموذج"])
def test_where_a_files_name_gives_none_an_option_does(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_bytes(b"weights")
    with pytest.raises(InputError, match=f"^{file} has no letter a-z or digit .* expected a name by --model-name, or"):
        subject(tmp_path / file, "resnet18")
    own = subject(tmp_path / file, "resnet18", called="mine")
    assert own.name == "mine" and own.card("mine", 3, 2, [0] * 3, [1] * 3)["origin"]["made"].endswith(file)


@pytest.mark.parametrize("called", ["模型", "a b", "-x", "../x", "x" * 61, "a\n"])
def test_a_name_that_no_model_can_have_is_one_sentence(tmp_path: Path, called: str) -> None:
    (tmp_path / "a.pt").write_bytes(b"weights")
    with pytest.raises(InputError, match=r"a model cannot be called '.*', expected up to 60 of a-z") as error:
        subject(tmp_path / "a.pt", "resnet18", called=called)
    assert "\n" not in str(error.value)
