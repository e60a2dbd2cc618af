"""Which images an audit draws, of whatever layout: copied as they are, or a sentence on the user's own files."""

from __future__ import annotations

from pathlib import Path

import pytest
from odd_images import COLOUR, PALETTE, PIXELS, RGB, encoded, of, packed, written
from PIL import Image

from ineq.auditing.images import draw_images
from ineq.errors import InputError

AUDITED = ["cat/a.png", "dog/b.png", "dog/c.jpg"]


@pytest.mark.parametrize(
    "names",
    [
        AUDITED,
        [*AUDITED, "README.txt", ".DS_Store"],
        [f"VAL/{name}" for name in AUDITED] + ["train/cat/other.png", "train/dog/other.png"],
        [f"Test/{name}" for name in AUDITED] + ["validation/cat/other.png"],
        [f"training/{name}" for name in AUDITED],
    ],
    ids=["classes", "files beside them", "VAL", "Test", "training"],
)
def test_an_audit_draws_from_the_same_layouts(tmp_path: Path, names: list[str]) -> None:
    for path in (written(tmp_path / "photos", names), packed(tmp_path / "photos.zip", [f"p/{n}" for n in names])):
        assert draw_images(path, tmp_path / "copy", 20, None) == (COLOUR, 0)
        files = {str(file.relative_to(tmp_path / "copy/test")) for file in (tmp_path / "copy").rglob("*.*")}
        assert files == {*AUDITED}


TRAINING, NUMBERS = [f"train/{name}" for name in AUDITED], ["test/1.png", "test/2.png"]
UNLABELLED: dict[str, tuple[list[str], list[str]]] = {
    "test without labels": ([*NUMBERS, *TRAINING], ["test"]),
    "test in one folder": (["test/all/1.png", "test/all/2.png", *TRAINING], ["test"]),
    "test and val without labels": ([*NUMBERS, "val/3.png", *TRAINING], ["test", "val"]),
    "val beside test": ([*NUMBERS, *(f"valid/{name}" for name in AUDITED), "train/cat/other.png"], ["test"]),
    "an empty test": (["test/", *TRAINING], ["test"]),
    "empty classes": (["test/cat/", "test/dog/", *TRAINING], ["test"]),
}


@pytest.mark.parametrize(("names", "left_out"), UNLABELLED.values(), ids=UNLABELLED)
def test_an_audit_takes_the_next_split_where_one_has_no_classes(
    tmp_path: Path, names: list[str], left_out: list[str]
) -> None:
    files, lines = [name for name in names if not name.endswith("/")], list[str]()
    for name in {*names} - {*files}:
        (tmp_path / "photos" / name).mkdir(parents=True)
    split = "valid" if "valid/cat/a.png" in names else "train"
    for path in (written(tmp_path / "photos", files), packed(tmp_path / "photos.zip", names)):
        lines.clear()
        draw_images(path, tmp_path / "copy", 20, None, report=lines.append)
        copies = {str(file.relative_to(tmp_path / "copy/test")) for file in (tmp_path / "copy").rglob("*.*")}
        if path.is_file() and "test/" in names:
            left_out = []  # nothing of that folder is in a zip file
        why = f"is left out, since it has no two folders of classes; '{split}' is taken"
        assert copies == {*AUDITED} and lines == [f"{path}: '{other}' {why}" for other in left_out]


def test_a_split_with_an_empty_class_is_refused_for_it(tmp_path: Path) -> None:
    path = written(tmp_path / "photos", ["test/cat/1.png", *TRAINING])
    (path / "test/dog").mkdir()
    with pytest.raises(InputError, match="test/dog: is an empty folder"):
        draw_images(path, tmp_path / "copy", 20, None)


def test_a_class_of_an_audit_may_be_called_train(tmp_path: Path) -> None:
    path = written(tmp_path / "photos", ["train/1.png", "car/2.png"])
    draw_images(path, tmp_path / "copy", 20, 8)
    assert {folder.name for folder in (tmp_path / "copy/test").iterdir()} == {"car", "train"}


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("val/dog/cut.jpg", encoded(RGB, "JPEG")[:-30], "is not a whole image"),
        ("val/dog/moving.gif", encoded(PALETTE, "GIF", save_all=True, append_images=[RGB]), "holds 2 frames"),
        ("val/dog/note.png", b"a note", "is not an image"),
        ("val/dog/.DS_Store", b"", "is a hidden file"),
        ("val/dog/brown/1.png", encoded(RGB), "lies in a folder of a class's folder"),
    ],
)
def test_an_audit_names_the_users_file_and_copies_nothing(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    path = written(tmp_path / "photos", [*of("val"), name])
    (path / name).write_bytes(content)
    with pytest.raises(InputError) as error:
        draw_images(path, tmp_path / "copy", 20, None)
    assert str(error.value).startswith(f"{path}: of its files and folders, 1 not as wanted:\n  {name}: {sentence}")
    assert not (tmp_path / "copy").exists()


def test_images_that_changed_are_copied_again(tmp_path: Path) -> None:
    path = written(tmp_path / "photos", AUDITED)
    draw_images(path, tmp_path / "copy", 20, None)
    (path / "cat/a.png").write_bytes(encoded(Image.fromarray(255 - PIXELS)))
    (path / "dog/b.png").rename(path / "dog/d.png")
    draw_images(path, tmp_path / "copy", 20, None)
    for name in ("cat/a.png", "dog/c.jpg", "dog/d.png"):
        assert (tmp_path / "copy/test" / name).read_bytes() == (path / name).read_bytes()
    assert not (tmp_path / "copy/test/dog/b.png").exists()


def test_an_audit_takes_turned_photographs_as_they_are_seen(tmp_path: Path) -> None:
    path = written(tmp_path / "photos", AUDITED)
    for name in AUDITED:
        (path / name).write_bytes(encoded(RGB.resize((4, 8))))
    exif = Image.Exif()
    exif[0x0112] = 6
    for number, kind in enumerate(("JPEG", "TIFF", "PNG")):
        (path / f"cat/{number}").write_bytes(encoded(RGB.resize((8, 4)), kind, exif=exif))
    assert draw_images(path, tmp_path / "copy", 20, None) == ((3, 8, 4), 0)
