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
from findings import SUBPIXELS, attacks, findings
from reports import decoded

from ineq.attacks.noise import noised
from ineq.data.samplefile import Sample
from ineq.figures.pictures import chosen
from ineq.gallery.build import gallery, select
from ineq.gallery.encode import LEVELS, SIDE, curve, picture, shrunk, signed
from ineq.io.text import canonical_json

BUILD = """
import sys
sys.path.insert(0, {tests!r})
from findings import attacks, findings
from ineq.gallery.build import gallery
from ineq.io.text import canonical_json
print(canonical_json(gallery(findings(), attacks(findings()), 6)))
"""


def entry(content: dict[str, Any], index: int, model: str = "standard") -> dict[str, Any]:
    """What a model makes of the image at this position in the split."""
    (image,) = [image for group in content["groups"] for image in group["images"] if image["index"] == index]
    return image["models"][[one["name"] for one in content["models"]].index(model)]


def test_another_process_gives_the_same_bytes() -> None:
    script = BUILD.format(tests=str(Path(__file__).resolve().parents[1]))
    said = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert said.strip() == canonical_json(gallery(findings(), attacks(findings()), 6))


def test_half_come_as_they_are_and_half_are_where_the_pair_differs() -> None:
    found = findings()
    plain, apart = select(found, attacks(found), 8).items()
    assert plain == ("The first 4 of the sample, unselected", [0, 1, 2, 3])
    assert apart[0].startswith("4 more, on which standard and linf-0.3 differ most")
    assert apart[1] == [row for row in chosen(found, 24) if row > 3][:4]
    (lone,) = select(findings((0.0,)), attacks(findings((0.0,))), 5).items()
    assert lone == ("The first 5 of the sample, unselected", [0, 1, 2, 3, 4])


def test_only_attacked_images_are_chosen() -> None:
    found = findings()
    everything = attacks(found)
    few = {key: replace(record, labels=record.labels[:5]) for key, record in everything.noise.items()}
    rows = [row for rows in select(found, replace(everything, noise=few), 24).values() for row in rows]
    assert sorted(rows) == [0, 1, 2, 3, 4]


def test_what_broke_a_model_first() -> None:
    found, made = findings(), attacks(findings())
    squares, noise = found.occlusion[found.by("standard")], made.noise[found.by("standard")]
    right = int(found.sample.labels[0])
    grid, tries = squares.predictions[f"important/{found.color}"], noise.predictions["important"]
    grid[0], tries[..., 0] = right, right
    grid[0, 1:, 1], grid[0, 2, 0] = (right + 1) % 3, (right + 2) % 3
    tries[1, 1, 2, 0] = (right + 2) % 3
    made.random["standard"].predictions[f"random/{found.color}"][:, 0, 1, 1] = [right, (right + 1) % 3]
    noise.predictions["random"][1, 1, :, 0] = right
    first = entry(gallery(found, made, 4), 0)
    names = found.sample.classes
    told = {key: first["occlusion"][key] for key in ("count", "radius", "prediction", "random")}
    assert told == {"count": 2, "radius": 2, "prediction": names[(right + 1) % 3], "random": [1, 2]}
    told = {key: first["noise"][key] for key in ("kind", "subpixels", "prediction", "guided", "random")}
    wanted = {"kind": "replace", "subpixels": SUBPIXELS[1], "prediction": names[(right + 2) % 3]}
    assert told == {**wanted, "guided": [1, 3], "random": [0, 3]}
    # Made of all images at once: an image's noise is keyed by its index.
    given, indices = (np.asarray(found.sample.images), np.asarray(found.maps[found.by("standard")])), np.arange(24)
    (image, *_) = noised(*given, kind="replace", subpixels=SUBPIXELS[1], draw=2, indices=indices, **made.draws).numpy()
    assert np.array_equal(decoded(first["noise"]["picture"])[..., 0], np.rint(255 * image[0]))


def test_none_broke_it_or_it_was_wrong_before() -> None:
    found, made = findings(rate=0.0), attacks(findings(rate=0.0), 0.0)
    stands = entry(gallery(found, made, 4), 0)
    assert stands["right"] and stands["occlusion"] is None and stands["noise"] is None
    found, made = findings(rate=1.0), attacks(findings(rate=1.0), 1.0)
    found.occlusion[found.by("standard")].predictions["clean"][0] = 2
    errs = entry(gallery(found, made, 4), 0)
    assert (errs["right"], errs["untouched"], errs["occlusion"], errs["noise"]) == (False, "two", None, None)


def test_a_zero_map_has_no_gini_and_no_curve() -> None:
    found = findings()
    np.asarray(found.maps[found.by("standard")])[0] = 0
    found.inequality[found.by("standard")].loc[0, "gini_global"] = np.nan
    first = entry(gallery(found, attacks(found), 4), 0)
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
    found, made = findings((0.0, 0.1), channels=3), attacks(findings((0.0, 0.1), channels=3), 1.0)
    rng = np.random.default_rng(0)
    maps = {key: rng.standard_normal((4, 3, 224, 224)).astype(np.float32) for key in found.maps}
    images = rng.random((4, 3, 224, 224)).astype(np.float32)
    for record in found.occlusion.values():
        record.predictions[f"important/{found.color}"][:] = 5
    noise = {key: replace(record, labels=record.labels[:4]) for key, record in made.noise.items()}
    sample = Sample(images, found.sample.labels, found.sample.indices, found.sample.classes)
    groups = gallery(replace(found, sample=sample, maps=maps, region=16), replace(made, noise=noise), 4)["groups"]
    several = [image for group in groups for image in group["images"]]
    models = [model for image in several for model in image["models"]]
    assert len(models) == 8 and all(model["occlusion"] and model["noise"] for model in models)
    text = 600  # what the page says of a model beside the pictures
    each = 16 * (max(len(canonical_json(model)) for model in models) + text)
    assert 24 * (each + 2 * max(len(image["picture"]) for image in several)) < 10e6
