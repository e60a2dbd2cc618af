"""The gallery: which images, what broke each model first, the same pictures as the attacks', and small."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from findings import SUBPIXELS, findings, grid
from reports import decoded

from ineq.attacks.registry import attack_of
from ineq.attacks.target import attacked_images
from ineq.data.sample import Sample
from ineq.figures.pictures import most_different
from ineq.gallery.build import gallery, select
from ineq.gallery.encode import LEVELS, SIDE, curve, picture, shrunk, signed
from ineq.io.text import canonical_json

BUILD = """
import sys
sys.path.insert(0, {tests!r})
from findings import findings
from ineq.gallery.build import gallery
from ineq.io.text import canonical_json
print(canonical_json(gallery(findings(), 6)))
"""


def entry(content: dict[str, Any], index: int, model: str = "standard") -> dict[str, Any]:
    """What a model makes of the image at this position in the split."""
    (image,) = [image for group in content["groups"] for image in group["images"] if image["index"] == index]
    return image["models"][[one["name"] for one in content["models"]].index(model)]


def test_another_process_gives_the_same_bytes() -> None:
    script = BUILD.format(tests=str(Path(__file__).resolve().parents[1]))
    said = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert said.strip() == canonical_json(gallery(findings(), 6))


def test_half_come_as_they_are_and_half_are_where_the_pair_differs() -> None:
    found = findings()
    plain, apart = select(found, 8).items()
    assert plain == ("The first 4 of the sample, unselected", [0, 1, 2, 3])
    assert apart[0].startswith("4 more, on which standard and linf-0.3 differ most")
    assert apart[1] == [row for row in most_different(found, 24) if row > 3][:4]
    (lone,) = select(findings((0.0,)), 5).items()
    assert lone == ("The first 5 of the sample, unselected", [0, 1, 2, 3, 4])


def test_only_attacked_images_are_chosen() -> None:
    found = findings()
    for outcomes in found.outcomes.values():
        outcomes["noise"] = replace(outcomes["noise"], labels=outcomes["noise"].labels[:5])
    rows = [row for rows in select(found, 24).values() for row in rows]
    assert sorted(rows) == [0, 1, 2, 3, 4]


def test_what_broke_a_model_first() -> None:
    found = findings()
    noise, right = found.outcomes[found.by("standard")]["noise"], int(found.sample.labels[0])
    squares, tries = grid(found, "standard"), noise.prediction["important"]
    squares[..., 0], tries[..., 0] = right, right
    squares[1:, 1, 0, 0], squares[2, 0, 0, 0] = (right + 1) % 3, (right + 2) % 3
    tries[1, 1, 2, 0] = (right + 2) % 3
    grid(found, "standard", "random")[1, 1, :, 0] = [right, (right + 1) % 3]
    noise.prediction["random"][1, 1, :, 0] = right
    first = entry(gallery(found, 4), 0)["attacks"]
    names = found.sample.classes
    told = {key: value for key, value in first["occlusion"].items() if key != "picture"}
    budget = {"setting": found.color, "budget": {"count": 2, "radius": 2}}
    assert told == {**budget, "prediction": names[(right + 1) % 3], "guided": [1, 1], "random": [1, 2]}
    told = {key: value for key, value in first["noise"].items() if key != "picture"}
    budget = {"setting": "replace", "budget": {"subpixels": SUBPIXELS[1]}}
    assert told == {**budget, "prediction": names[(right + 2) % 3], "guided": [1, 3], "random": [0, 2]}
    # Made of all images at once: an image's noise is keyed by its index.
    given = np.asarray(found.sample.images), np.asarray(found.maps[found.by("standard")])
    attack = attack_of("noise", noise.options)
    (image, *_) = attacked_images(attack, *given, **budget, draw=2, seed=noise.seed, **noise.space).numpy()
    assert np.array_equal(decoded(first["noise"]["picture"])[..., 0], np.rint(255 * image[0]))


def test_none_broke_it_or_it_was_wrong_before() -> None:
    stands = entry(gallery(findings(rate=0.0), 4), 0)
    assert stands["right"] and stands["attacks"] == {"noise": None, "occlusion": None}
    found = findings(rate=1.0)
    for outcome in found.outcomes[found.by("standard")].values():
        outcome.clean[0] = 2
    errs = entry(gallery(found, 4), 0)
    assert (errs["right"], errs["clean"]) == (False, "two")
    assert errs["attacks"] == {"noise": None, "occlusion": None}


def test_a_zero_map_has_no_gini_and_no_curve() -> None:
    found = findings()
    np.asarray(found.maps[found.by("standard")])[0] = 0
    found.inequality[found.by("standard")].loc[0, "gini_global"] = np.nan
    first = entry(gallery(found, 4), 0)
    assert first["gini"] is None and first["lorenz"] == ""
    assert len({tuple(color) for color in decoded(first["map"]).reshape(-1, 3)}) == 1


def test_pictures_are_exact_where_small_and_shrunk_where_large() -> None:
    image = np.random.default_rng(0).random((3, 32, 40)).astype(np.float32)
    assert np.array_equal(decoded(picture(image)), np.rint(255 * image.transpose(1, 2, 0)))
    large = np.random.default_rng(0).random((3, 2 * SIDE, 4 * SIDE)).astype(np.float32)
    assert shrunk(large).shape == (3, SIDE // 2, SIDE) and decoded(picture(large)).shape == (SIDE // 2, SIDE, 3)
    means = large.reshape(3, SIDE // 2, 4, SIDE, 4).mean(axis=(2, 4))
    assert shrunk(large) == pytest.approx(means, abs=1e-6)


def test_a_maps_colours_are_those_of_its_values() -> None:
    values = np.linspace(-1, 1, LEVELS).reshape(1, 1, -1)
    colors = decoded(signed(values))[0]
    assert len({tuple(color) for color in colors}) == LEVELS
    assert colors[LEVELS // 2].min() > 240, "zero is white"
    assert colors[0][2] > colors[0][1] and colors[-1][0] > colors[-1][2], "purple below, orange above"


def test_a_lorenz_curve_starts_and_ends_in_the_corners() -> None:
    points = re.findall(r"[ML]([\d.]+) ([\d.]+)", curve(np.array([[[0.0, 1.0], [1.0, 2.0]]])))
    places = [(float(x), float(y)) for x, y in points]
    assert places[0] == (0, 100) and places[-1] == (100, 0)
    assert all(y >= 100 - x for x, y in places)


def test_sixteen_models_on_large_images_fit_a_letter() -> None:
    """24 images of 3 × 224 × 224 that compress worst, all noise. What else a report holds is less than 5 MB."""
    found = findings((0.0, 0.1), channels=3, rate=1.0)
    rng = np.random.default_rng(0)
    maps = {key: rng.standard_normal((4, 3, 224, 224)).astype(np.float32) for key in found.maps}
    images = rng.random((4, 3, 224, 224)).astype(np.float32)
    for outcomes in found.outcomes.values():
        outcomes["occlusion"] = replace(outcomes["occlusion"], options={**outcomes["occlusion"].options, "region": 16})
        outcomes["noise"] = replace(outcomes["noise"], labels=outcomes["noise"].labels[:4])
    sample = Sample(images, found.sample.labels, found.sample.indices, found.sample.classes)
    groups = gallery(replace(found, sample=sample, maps=maps), 4)["groups"]
    several = [image for group in groups for image in group["images"]]
    models = [model for image in several for model in image["models"]]
    assert len(models) == 8 and all(all(model["attacks"].values()) for model in models)
    text = 600  # what the page says of a model beside the pictures
    each = 16 * (max(len(canonical_json(model)) for model in models) + text)
    assert 24 * (each + 2 * max(len(image["picture"]) for image in several)) < 10e6
