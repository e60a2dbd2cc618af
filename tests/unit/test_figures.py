"""Figures: every one drawn, told in words, the same bytes in every process, the same colour for the same model."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from findings import findings, grid
from PIL import Image

from ineq.attacks.occlusion import Occlusion
from ineq.attacks.target import attacked_images
from ineq.figures import curves, measures, pictures, style
from ineq.figures.build import FIGURES, build_figures
from ineq.figures.measures import lorenz, top_share
from ineq.inequality.measures import gini
from ineq.report.captions import captions
from ineq.stages import figures as stage

SVG = "{http://www.w3.org/2000/svg}"
DRAW = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from findings import findings
from ineq.figures.build import FIGURES, build_figures
from ineq.report.captions import captions
folder = Path({folder!r})
outputs = {{name: folder / f"{{name}}.svg" for name in FIGURES}}
words = captions(findings(), 3)
build_figures(findings(), 3, words, outputs | {{f"{{name}}_png": folder / f"{{name}}.png" for name in FIGURES}})
"""


def draw(folder: Path, **options) -> dict[str, dict[str, str]]:
    outputs = {name: folder / f"{name}.svg" for name in FIGURES}
    words = captions(findings(**options), 3)
    build_figures(findings(**options), 3, words, outputs | {f"{name}_png": folder / f"{name}.png" for name in FIGURES})
    return words


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, str]]]:
    folder = tmp_path_factory.mktemp("figures")
    return folder, draw(folder)


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_the_registry_names_just_the_figures_that_are_drawn() -> None:
    assert tuple(FIGURES) == stage.FIGURES


def test_another_process_gives_the_same_bytes(drawn, tmp_path: Path) -> None:
    script = DRAW.format(tests=str(Path(__file__).resolve().parents[1]), folder=str(tmp_path))
    subprocess.run([sys.executable, "-c", script], check=True)
    assert digests(tmp_path) == digests(drawn[0])


def test_every_figure_has_words_and_both_forms(drawn) -> None:
    folder, words = drawn
    assert set(words) == set(FIGURES)
    for name in FIGURES:
        assert all(words[name][part] for part in ("title", "caption", "alt"))
        root = ElementTree.parse(folder / f"{name}.svg").getroot()
        assert root.get("role") == "img"
        title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert title is not None and description is not None
        assert (title.text, description.text) == (words[name]["title"], words[name]["alt"])
        assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        with Image.open(folder / f"{name}.png") as image:
            assert image.width >= 1000 and len(set(image.convert("L").resize((60, 60)).tobytes())) > 5
            assert set(image.info) <= {"Title", "Description", "dpi"}


def test_ids_are_unique_in_a_page_and_every_reference_is_met(drawn) -> None:
    ids: list[str] = []
    for name in FIGURES:
        text = (drawn[0] / f"{name}.svg").read_text()
        own = re.findall(r'\bid="([^"]+)"', text)
        assert set(re.findall(r'(?:url\(#|href="#)([^")]+)', text)) <= set(own)
        assert "<style" not in text and "<script" not in text
        ids += own
    assert len(ids) == len(set(ids))


def test_a_model_has_one_colour_and_seeds_share_their_familys() -> None:
    columns = {"model": ["a", "b", "c", "d"], "family": ["n", "n", "x", "y"]}
    models = pd.DataFrame(
        {**columns, "norm": ["none", "none", "linf", "linf"], "epsilon": [0, 0, 0.3, 0.1], "series": True}
    )
    colors = style.colors(models)
    assert colors["a"] == colors["b"] == style.NORMAL[0] and len(set(colors.values())) == 3
    assert [style.colors(models.iloc[::-1])[name] for name in "acd"] == [colors[name] for name in "acd"]
    assert list(style.ordered(models)["model"]) == ["a", "b", "d", "c"]


def test_models_outside_the_series_stand_beside_it() -> None:
    made = findings((0.0, 8 / 255, 2 / 255, 128 / 255))
    table = made.tables["models"]
    table["series"] = table["epsilon"] < 0.5
    made.cards[f"linf-{128 / 255:g}"]["train"]["norm"] = "l2"
    assert style.ordered(table)["epsilon"].tolist() == [0, 2 / 255, 8 / 255, 128 / 255]
    assert made.pair == ["standard", f"linf-{8 / 255:g}"]
    axes = curves.gini(made).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "2/255", "8/255", f"linf-{128 / 255:g}"]
    assert len(set(style.colors(table).values())) == 4


@pytest.mark.parametrize(
    "options", [{"epsilons": (0.0,)}, {"epsilons": (0.1, 0.3)}, {"channels": 3}, {"rate": 0.0}], ids=str
)
def test_other_studies_can_be_drawn(options, tmp_path: Path) -> None:
    """One model only, no normal training, colour images, attacks that never succeed."""
    assert "nan" not in json.dumps(draw(tmp_path, **options)) or options == {"rate": 0.0}


@pytest.mark.parametrize("mean, expected", [(0.9, "higher than"), (0.1, "lower than"), (0.5, "not clearly different")])
def test_the_caption_follows_the_numbers(mean: float, expected: str) -> None:
    found = findings()
    table = found.tables["gini"]
    for model, value in (("standard", 0.5), ("linf-0.3", mean)):
        rows = table["model"] == model
        table.loc[rows, ["mean", "low", "high"]] = [value, value - 0.02, value + 0.02]
    caption = captions(found, 2)["gini"]["caption"]
    assert expected in caption and f"{mean:.3f}" in caption and "untrained resnet8 0.500" in caption


def test_lorenz_curve_and_gini_are_the_same_thing() -> None:
    curve = lorenz(np.array([[[[1.0, -1.0], [0.0, 2.0]]], [[[0.0, 0.0], [0.0, 0.0]]]]))
    assert curve == pytest.approx([0, 0, 0.25, 0.5, 1])
    assert top_share(curve, 0.25) == pytest.approx(0.5)
    area = np.mean((curve[1:] + curve[:-1]) / 2)
    assert 1 - 2 * area == pytest.approx(float(gini(np.array([0.0, 1.0, 1.0, 2.0]))))


def test_an_example_is_occluded_by_its_models_own_map() -> None:
    found = findings(channels=3)
    one_try: dict[str, Any] = {"setting": found.color, "budget": {"count": 3, "radius": 2}}
    attack, maps = Occlusion(3, 2, [found.color], 2), np.asarray(found.maps[found.by("linf-0.3")])
    every = attacked_images(attack, np.asarray(found.sample.images), maps, **one_try).numpy()
    shown = {name: pictures.attacked_image(found, name, 5, "occlusion", **one_try) for name in ("standard", "linf-0.3")}
    assert np.array_equal(shown["linf-0.3"], every[5]) and not np.array_equal(shown["standard"], every[5])


def test_examples_are_those_on_which_the_pair_differs_most_in_turn() -> None:
    found = findings()
    labels = found.sample.labels
    for model in found.pair:
        grid(found, model)[:] = labels
    first, last = (grid(found, model) for model in found.pair)
    last[..., 7], first[..., 3] = 99, 99
    assert pictures.most_different(found, 2) == [7, 3]
    assert len(pictures.most_different(found, 1000)) == len(labels)


def test_clipping_is_at_three_standard_deviations() -> None:
    values = np.zeros((1, 8, 8))
    values[0, 0, 0] = 64.0
    assert pictures.clipped(values).max() == pytest.approx(1 + 3 * values.std())


def test_fragility_is_of_evaluated_images_only() -> None:
    found = findings()
    outcome = found.outcomes[found.by("standard")]["occlusion"]
    outcome.clean[0] = 99
    inequality, broken = measures.fragility(found, "standard")
    assert len(inequality) == len(broken) == len(outcome.labels) - 1
    wrong = outcome.prediction["important"][..., 1] != outcome.labels[1]
    assert broken[0] == pytest.approx(np.mean(wrong))
