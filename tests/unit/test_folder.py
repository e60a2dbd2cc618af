"""Image folders: odd files are converted and counted, or refused by name in one list; good ones come out exactly."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
from odd_images import BROKEN, COLOUR, PALETTE, PIXELS, RGB, encoded
from PIL import Image
from project import MODELS, Project

from ineq.data import files
from ineq.data.dataset import Dataset
from ineq.data.draws import generator
from ineq.data.folder import LISTED, image_folder
from ineq.errors import InputError

GOOD = {f"{split}/{label}/{name}.png": RGB for split in ("train", "test") for label in ("cat", "dog") for name in "ab"}


def fill(folder: Path, extra: dict[str, bytes] | None = None) -> Path:
    """A folder of good images, and `extra` files."""
    content = {name: encoded(image) for name, image in GOOD.items()} | (extra or {})
    for name, data in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def zipped(path: Path, extra: dict[str, bytes] | None = None, root: str = "") -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, data in ({name: encoded(image) for name, image in GOOD.items()} | (extra or {})).items():
            archive.writestr(root + name, data)
    return path


def problems(path: Path, shape: tuple[int, int, int] = COLOUR) -> dict[str, str]:
    """What the one list says, by name of the file."""
    with pytest.raises(InputError) as error:
        image_folder(path, shape)
    first, *lines = str(error.value).splitlines()
    found = dict(line.strip().split(": ", 1) for line in lines)
    assert f"of its files and folders, {len(lines)} not as wanted:" in first
    return found


MISPLACED = {
    "notes.txt": b"x",
    "train/split.png": encoded(RGB),
    "train/cat/deep/er.png": encoded(RGB),
    "other/cat/other.png": encoded(RGB),
}


def test_every_odd_file_is_named_in_one_list(tmp_path: Path) -> None:
    folder = fill(tmp_path / "set", {f"train/cat/{name}": data for name, (data, _) in BROKEN.items()} | MISPLACED)
    (folder / "train" / "bird").mkdir()
    (folder / "train" / "cat" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (folder / "train" / "cow").symlink_to(folder / "train" / "cat")
    os.mkfifo(folder / "train" / "cat" / "pipe.png")
    found = problems(folder)
    for name, (_, sentence) in BROKEN.items():
        assert sentence in found.pop(f"train/cat/{name}"), name
    for name in MISPLACED:
        assert found.pop(name) == "lies elsewhere than in <split>/<class>/, a split being train or test or val"
    assert found == {
        "train/bird": "is an empty folder, expected images in it",
        "train/cat/gone.png": "is a broken link",
        "train/cat/pipe.png": "is no regular file",
        "train/cow": "is a link to a folder, expected the folder itself",
    }


def test_other_channels_are_refused_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"shape is \[4, 8, 8\]: image files are read as 1 or 3 channels"):
        image_folder(fill(tmp_path / "set"), (4, 8, 8))


def test_conversions_are_counted_by_kind(tmp_path: Path) -> None:
    extra = {f"train/cat/{n}.png": encoded(RGB.convert("L")) for n in range(3)} | {"test/dog/p.png": encoded(PALETTE)}
    lines: list[str] = []
    image_folder(fill(tmp_path / "set", extra), COLOUR, report=lines.append)
    assert lines == ["3 images: converted from L to RGB", "1 images: converted from P to RGB"]


def test_a_class_without_images_in_a_split_is_reported(tmp_path: Path) -> None:
    lines: list[str] = []
    dataset = image_folder(fill(tmp_path / "set", {"test/Cat/a.png": encoded(RGB)}), COLOUR, report=lines.append)
    assert dataset.classes == ("Cat", "cat", "dog")
    assert lines == ["split 'train' has no images of 1 classes: Cat"]


def numbered(write: Callable[[dict[str, bytes]], Path]) -> Dataset:
    """Images whose red corner tells their place in the order of the names."""
    content = {}
    for number, name in enumerate(sorted(GOOD)):
        pixels = PIXELS.copy()
        pixels[0, 0, 0] = number
        content[name] = encoded(Image.fromarray(pixels))
    return image_folder(write(content), COLOUR, seed=7)


def test_folder_and_zip_give_the_same_in_the_seeded_order(tmp_path: Path) -> None:
    folder = numbered(lambda content: fill(tmp_path / "set", content))
    flat = numbered(lambda content: zipped(tmp_path / "flat.zip", content))
    rooted = numbered(lambda content: zipped(tmp_path / "rooted.zip", content, root="set/"))
    for split, start in {"train": 4, "test": 0}.items():
        # The order on which the results that are there rely.
        order = generator(7, "folder order", ("train", "test").index(split)).permutation(4)
        assert (folder.images[split][:, 0, 0, 0] == start + order).all()
        assert (folder.labels[split] == order // 2).all()
        for other in (flat, rooted):
            assert np.array_equal(other.images[split], folder.images[split])
            assert np.array_equal(other.labels[split], folder.labels[split])
    assert (folder.scale, folder.classes, folder.labels["test"].dtype) == (255, ("cat", "dog"), np.int64)


def test_a_zip_that_is_odd_inside_is_one_list(tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    extra = {
        "train/bird/": b"",
        "train/cat/": b"",
        "train/cat/locked.png": encoded(RGB),
        "train/cat/rotten.png": b"\7" * 99,
    }
    zipped(path, extra, root="set/")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with ZipFile(path, "a") as archive:
            archive.writestr("set/train/cat/a.png", encoded(RGB.rotate(90)))
            archive.writestr("__MACOSX/set/train/cat/._a.png", b"x")
            archive.writestr("set/../evil.png", encoded(RGB))
    content = bytearray(path.read_bytes())
    # The flag "encrypted" of one member, and another's compressed bytes.
    content[content.rindex(b"set/train/cat/locked.png") - 46 + 8] |= 1
    rotten = content.index(b"set/train/cat/rotten.png") + len("set/train/cat/rotten.png")
    content[rotten : rotten + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        image_folder(path, COLOUR)
    found = str(error.value)
    assert found.count("train/cat/a.png: stands in the zip file more than once") == 2
    for line in (
        "  train/bird: is an empty folder",
        "  train/cat/locked.png: is encrypted",
        "  train/cat/rotten.png: cannot be read (",
        "  __MACOSX/set/train/cat/._a.png: is a hidden file",
        "  ../evil.png: is a hidden file",
    ):
        assert line in found
    assert len(found.splitlines()) == 8


def test_a_member_that_unpacks_to_all_memory_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 10_000)
    path = zipped(tmp_path / "set.zip", {"train/cat/z.png": bytes(10_001)})
    assert problems(path) == {"train/cat/z.png": "has 10,001 bytes, expected an image of at most 10,000"}
    folder = fill(tmp_path / "set", {"train/cat/z.png": bytes(10_001)})
    assert problems(folder) == {"train/cat/z.png": "has 10,001 bytes, expected an image of at most 10,000"}


def test_a_list_of_thousands_stays_readable(tmp_path: Path) -> None:
    path = zipped(tmp_path / "set.zip", {f"train/cat/{number:04}.png": b"" for number in range(1234)})
    with pytest.raises(InputError) as error:
        image_folder(path, COLOUR)
    first, *lines = str(error.value).splitlines()
    assert first.endswith("of its files and folders, 1234 not as wanted:")
    assert len(lines) == LISTED + 1
    assert lines[0] == "  train/cat/0000.png: is empty"
    assert lines[-1] == f"  … and {1234 - LISTED} more"


def test_a_name_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    folder = fill(tmp_path / "set")
    (folder / "train" / "cat" / "two\nlines.png").write_bytes(b"")
    odd = os.fsencode(folder / "train") + b"/\xff"
    os.mkdir(odd)
    with open(odd + b"/a.png", "wb") as stream:
        stream.write(encoded(RGB))
    found = problems(folder)
    assert found == {
        r"train/\udcff/a.png": "has a class whose name cannot be printed",
        r"train/cat/two\nlines.png": "is empty",
    }


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (lambda path: None, "is missing, expected a folder or a zip file of images"),
        (lambda path: path.write_bytes(b"no zip"), r"is neither a folder nor a readable zip file \(.+\)"),
        (lambda path: zipped(path) and path.write_bytes(path.read_bytes()[:-30]), "nor a readable zip file"),
        (lambda path: ZipFile(path, "w").close(), "has images of 0 classes, expected <split>/<class>/<image>"),
        (lambda path: (path / "test").mkdir(parents=True), "test: is an empty folder"),
    ],
    ids=["missing", "text", "cut", "empty zip", "empty split"],
)
def test_what_is_no_data_set_is_one_sentence(tmp_path: Path, write: Callable[[Path], Any], sentence: str) -> None:
    write(tmp_path / "set.zip")
    with pytest.raises(InputError, match=sentence):
        image_folder(tmp_path / "set.zip", COLOUR)


def test_one_split_is_enough_and_nothing_is_held_out(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    for label in ("cat", "dog"):
        (folder / "test" / label).mkdir(parents=True)
        RGB.save(folder / "test" / label / "a.png")
    assert list(image_folder(folder, COLOUR).images) == ["test"]
    with pytest.raises(InputError, match="held_out is 5: a folder of images has its own splits, expected 0"):
        image_folder(folder, COLOUR, held_out=5)


def point(project: Project, path: str) -> None:
    """Make `path` the data of the study; its models are those of the cards that the project has."""
    data = {"data.name": "folder", "data.path": path, "data.shape": [1, 8, 8], "data.held_out": 0}
    for file in ("params.yaml", "studies/tiny.yaml"):
        project.change(data | {"train.models": list(MODELS)}, file)


def test_the_stage_ends_with_the_list_and_no_traceback(fresh: Project) -> None:
    point(fresh, "data/set.zip")
    path = zipped(fresh.root / "data" / "set.zip", {f"train/cat/{name}": data for name, (data, _) in BROKEN.items()})
    done = fresh.run("python", "workflow/scripts/data.py", check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert f"data: data/set.zip: of its files and folders, {len(BROKEN)} not as wanted:" in done.stderr
    assert all(f"  train/cat/{name}: " in done.stderr for name in BROKEN)
    assert not list((fresh.root / "results" / "tiny").rglob("data.h5"))
    path.unlink()
    zipped(path)
    assert "8 images: converted from RGB to L" in fresh.run("python", "workflow/scripts/data.py").stderr


def test_the_stage_takes_a_folder_and_records_all_that_is_in_it(fresh: Project) -> None:
    point(fresh, "data/set")
    folder = fill(fresh.root / "data" / "set")
    records = []
    for content in (RGB, RGB.rotate(90)):
        (folder / "train" / "cat" / "a.png").write_bytes(encoded(content))
        fresh.run("python", "workflow/scripts/data.py")
        records += [next((fresh.root / "results" / "tiny" / "data").glob("*.json")).read_text()]
    assert all('"data/set": "' in record for record in records)
    assert records[0] != records[1]
