"""Estimates before a study: passes are those that really happen, room is that of what is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from ineq.attacks.noise import Noise
from ineq.attacks.occlusion import Occlusion
from ineq.attacks.run import attack_outcome
from ineq.attribution.methods import attribute
from ineq.config.study import Study, load_study
from ineq.data.count import split_size
from ineq.data.digits import digits
from ineq.data.sources import SOURCES
from ineq.errors import InputError
from ineq.models.timing import cost, operations
from ineq.planning.estimate import assumed, disk, gpu_memory, measured, memory, ranks, rows, shown
from ineq.planning.jobs import job, jobs
from ineq.planning.registry import STAGES

ROOT = Path(__file__).resolve().parents[2]
STUDY = load_study(ROOT)
OWN = STUDY.parameters
IMAGES = torch.rand(OWN.attack.images, *OWN.data.shape, generator=torch.Generator().manual_seed(0))
LABELS, MAPS = torch.arange(len(IMAGES)) % 10, IMAGES - 0.5
BOTH = {"model": "standard", "method": "integrated_gradients"}


def passes(call: Callable[[nn.Module], object]) -> int:
    """Rows of all forward passes of a small model."""
    model, seen = nn.Sequential(nn.Flatten(), nn.Linear(IMAGES[0].numel(), 10)), []
    model.register_forward_pre_hook(lambda _, inputs: seen.append(len(inputs[0])))
    call(model)
    return sum(seen)


def test_passes_are_those_of_the_attacks() -> None:
    own, region = OWN.attack, OWN.inequality.region
    squares = {"count": own.count, "radius": own.radius, "colors": own.colors, "region": region}
    attacks = {"noise": Noise(own.subpixels, repeats=own.noise.repeats), "occlusion": Occlusion(**squares)}
    clean = len(IMAGES)
    for name, attack in attacks.items():
        for stage, where in {"attack": ("important", "least"), "random_attack": ("random",)}.items():
            maps = MAPS if stage == "attack" else None
            options = {"where": where, "draws": own.draws}
            found = passes(lambda model, *given: attack_outcome(attack, model, IMAGES, LABELS, maps, **options))  # noqa: B023
            axes = {key: {**BOTH, "attack": name}[key] for key in STAGES[stage].axes}
            # What the model is asked before: four images alone, and beside four others.
            assert found - clean - 12 == job(STUDY, stage, **axes).work(0).forward, (stage, name)


def test_gradients_are_those_of_the_methods() -> None:
    for method, options in OWN.attribution.model_dump(exclude={"seed"}).items():
        chosen = {key: value for key, value in options.items() if key != "images"}
        found = passes(lambda model, m=method, c=chosen: attribute(model, IMAGES, LABELS, m, **c))
        one = job(STUDY, "attribute", model="standard", method=method)
        limit = min(OWN.sample.size, options.get("images", OWN.sample.size))
        # captum looks at the output's shape now and then; there is one pass of one row to see the number of classes.
        assert found / len(IMAGES) == pytest.approx(one.work(0).gradient / limit, rel=0.1), method
        assert one.work(0).disk == limit * np.prod(OWN.data.shape) * 4


def test_the_table_sums_up_and_the_room_is_that_of_images_and_maps() -> None:
    found = list(rows(STUDY, 360, lambda model: (0.001, 0.003)))
    by_stage = {row["stage"]: row for row in found}
    assert by_stage["predict"]["forward"] == 360 * len(OWN.models)
    assert by_stage["classes"]["gradient"] == 360 * len(OWN.classes.models) * OWN.attribution.integrated_gradients.steps
    assert by_stage["attack"]["seconds"] == pytest.approx(0.001 * by_stage["attack"]["forward"])
    assert sum(row["bytes"] for row in found) == disk(jobs(STUDY)) > 0
    text = shown(found, measured(2))
    assert f"{sum(row['forward'] for row in found):,.0f}" in text.splitlines()[-2] and "2 threads" in text


def test_the_longest_job_is_one_of_its_stage() -> None:
    costs = {model: (0.001 * number, 0.003 * number) for number, model in enumerate(OWN.models, 1)}
    by_stage = {row["stage"]: row for row in rows(STUDY, 360, costs.__getitem__)}
    predict = by_stage["predict"]
    assert predict["longest"] == pytest.approx(360 * 0.001 * len(OWN.models))
    assert predict["longest"] < predict["seconds"]
    assert shown([predict], assumed(10)).splitlines()[-2].split()[0] == "all"


def test_memory_grows_with_what_a_job_holds() -> None:
    """A batch of a network's layers for what runs one, what it writes for what doesn't; never less than a process."""
    small = {one.stage.name: memory(one, gpu=False) for one in jobs(STUDY)}
    assert small["tables"] < small["attribute"] < 6000
    data = OWN.data.model_copy(update={"shape": [3, 224, 224]})
    large = Study(STUDY.root, OWN.model_copy(update={"data": data}), STUDY.cards)
    assert memory(job(large, "attribute", **BOTH), gpu=False) > small["attribute"] + 1000
    assert memory(job(large, "tables"), gpu=False) == small["tables"]


def test_on_a_gpu_layers_are_in_its_memory() -> None:
    """The host's does not grow with the batch there, and the GPU's does, with the batch that is the GPU's own."""
    attribute, tables = job(STUDY, "attribute", **BOTH), job(STUDY, "tables")
    runtime = OWN.runtime.model_copy(update={"batch_size": 100_000})
    many = job(Study(STUDY.root, OWN.model_copy(update={"runtime": runtime}), STUDY.cards), "attribute", **BOTH)
    assert memory(many, gpu=True) == memory(attribute, gpu=True) < memory(many, gpu=False)
    runtime = runtime.model_copy(update={"gpu_batch_size": 10})
    few = job(Study(STUDY.root, OWN.model_copy(update={"runtime": runtime}), STUDY.cards), "attribute", **BOTH)
    assert gpu_memory(few) < gpu_memory(attribute) < gpu_memory(many)
    assert gpu_memory(tables) == 0


def test_operations_are_counted() -> None:
    """Two for a multiplication with its addition; the gradient of the input costs another pass, but no weight's."""
    card = STUDY.cards["standard"].model_dump()
    forward, gradient = operations(card, (1, 8, 8))
    # 16 filters of 3×3 on 8×8 values: the first of a few convolutions.
    assert forward > 2 * 16 * 9 * 64
    assert 1.5 * forward < gradient < 2.1 * forward


def test_a_network_is_timed() -> None:
    card = STUDY.cards["standard"].model_dump()
    forward, gradient = cost(card, (1, 8, 8), {"threads": 1, "batch_size": 8})
    assert 0 < forward < gradient < 1


def test_images_are_counted_without_reading_one(tmp_path: Path) -> None:
    found = digits(held_out=800)
    for split, images in found.images.items():
        assert split_size("digits", Path("data/digits.md"), 800, split) == len(images)
    shipped = ROOT / "data/cifar10/test.zip"
    assert len(SOURCES["folder"](shipped, (3, 32, 32)).labels["test"]) == split_size("folder", shipped, 0, "test")
    assert split_size("folder", shipped, 0, "train") == 0
    for place in ("train/a/1.png", "val/a/1.png", "val/b/2.png", "notes.txt"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_bytes(b"is not looked at")
    assert [split_size("files", tmp_path, 0, split) for split in ("train", "test")] == [1, 2]
    assert split_size("files", tmp_path / "not there yet", 0, "test") == 0
    with pytest.raises(InputError, match=r"notes\.txt"):
        split_size("folder", tmp_path / "notes.txt", 0, "test")


def test_what_most_work_waits_for_comes_first() -> None:
    order = ranks(jobs(STUDY))
    maps, controls = order["attribute standard/integrated_gradients"], order["controls integrated_gradients"]
    occlusion, noise = (order[f"attack standard/integrated_gradients/{attack}"] for attack in ("occlusion", "noise"))
    assert maps > noise > occlusion > order["tables"] == 0 and maps > controls > 0
    assert order["data"] >= order["sample"] >= maps
