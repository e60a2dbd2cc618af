"""Where people have their images, and what cameras, phones and old data sets write: it is read, or one sentence."""

from __future__ import annotations

import io
import struct
import unicodedata
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import PIL
import pytest
from odd_images import COLOUR, PALETTE, RGB, encoded, of, packed, png, written
from PIL import Image

from ineq.data.count import split_size
from ineq.data.decode import DAMAGED, decode, header
from ineq.data.folder import image_files, image_folder
from ineq.data.image_subset import write_image_subset
from ineq.errors import InputError

MISPLACED = "lies elsewhere than in <split>/<class>/, a split being train or test or val"


@pytest.mark.parametrize(
    ("splits", "sizes", "left_out"),
    [
        (("train", "val", "test"), {"train": 2, "test": 2}, "val"),
        (("training", "validation", "testing"), {"train": 2, "test": 2}, "validation"),
        (("Train", "Val"), {"train": 2, "test": 2}, ""),
        (("TEST", "valid"), {"test": 2}, "valid"),
        (("valid",), {"test": 2}, ""),
        (("VAL",), {"test": 2}, ""),
        (("Training",), {"train": 2}, ""),
    ],
)
def test_splits_by_the_names_that_people_give_them(
    tmp_path: Path, splits: tuple[str, ...], sizes: dict[str, int], left_out: str
) -> None:
    folder = written(tmp_path / "set", of(*splits))
    for path in (folder, packed(tmp_path / "set.zip", of(*splits))):
        lines: list[str] = []
        dataset = image_folder(path, COLOUR, report=lines.append)
        assert {split: len(images) for split, images in dataset.images.items()} == sizes
        about = f"{path}: '{left_out}' is left out, since another folder is the test split"
        assert lines == ([about] if left_out else [])
    index = image_files(folder, COLOUR, resize=8)
    assert {split: len(names) for split, names in index.names.items()} == sizes
    for split, size in sizes.items():
        assert split_size("files", folder, 0, split) == size
        write_image_subset(folder, tmp_path / "some.zip", split, size, seed=0)
        assert len(image_folder(tmp_path / "some.zip", COLOUR).images[split]) == size


@pytest.mark.parametrize("splits", [("val", "valid"), ("Train", "train"), ("test", "TESTING", "train")])
def test_two_folders_of_one_split_are_not_mixed(tmp_path: Path, splits: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=r"has folders \w+ and \w+, expected one of them for the split"):
        image_folder(written(tmp_path / "set", of(*splits)), COLOUR)


@pytest.mark.parametrize(
    ("names", "system"),
    [
        (of("val"), 3),
        ([f"set/{name}" for name in of("val")], 3),
        ([f"home/me/set/{name}" for name in of("Test")], 3),
        ([name.replace("/", "\\") for name in of("test")], 0),
        ([f"set\\{name}".replace("/", "\\") for name in [*of("test"), "test/"]], 0),
    ],
    ids=["one split", "in a folder", "in three", "backslashes", "backslashes in a folder"],
)
def test_a_zip_of_one_split_wherever_it_lies(tmp_path: Path, names: list[str], system: int) -> None:
    dataset = image_folder(packed(tmp_path / "set.zip", names, system), COLOUR)
    assert (list(dataset.images), dataset.classes, len(dataset.images["test"])) == (["test"], ("a", "b"), 2)


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        ("README.txt", MISPLACED),
        ("train/README.txt", MISPLACED),
        ("train/c", MISPLACED),
        ("train/a/deep/1.png", MISPLACED),
        ("Thumbs.db", MISPLACED),
        ("train/a/Thumbs.db", "is not an image of a kind that is read (BMP, GIF, JPEG, PNG, PPM, TIFF, WEBP)"),
        ("train/a/desktop.ini", "is not an image of a kind that is read (BMP, GIF, JPEG, PNG, PPM, TIFF, WEBP)"),
        ("train/.DS_Store", "is a hidden file or lies in a hidden folder, expected none"),
        ("__MACOSX/train/a/._1.png", "is a hidden file or lies in a hidden folder, expected none"),
    ],
)
def test_what_lies_beside_the_images_is_named_alone(tmp_path: Path, extra: str, sentence: str) -> None:
    content = {name: encoded(RGB) for name in of("train")} | {extra: b"no image"}
    for root in ("", "set/"):
        with ZipFile(tmp_path / "set.zip", "w") as archive:
            for name, data in content.items():
                archive.writestr((root if name != "README.txt" else "") + name, data)
        with pytest.raises(InputError) as error:
            image_folder(tmp_path / "set.zip", COLOUR)
        assert str(error.value).splitlines()[1:] == [f"  {extra}: {sentence}"]


def test_a_name_is_a_class_however_it_is_written(tmp_path: Path) -> None:
    """macOS writes é as two letters, in zip files as UTF-8 that is not called so."""
    labels = ("0", "08", "NA", "None", "é", "模型", "🐱", "a$b", "true")
    two = [unicodedata.normalize("NFD", label) for label in labels]
    folder = written(tmp_path / "set", [f"train/{name}/1.png" for name in labels] + [f"test/{n}/1.png" for n in two])
    lines: list[str] = []
    assert image_folder(folder, COLOUR, report=lines.append).classes == tuple(sorted(labels))
    assert lines == []
    foreign = {b"xxx": two[4], b"yyyyyy": two[5], b"zzzz": two[6]}
    path = packed(tmp_path / "set.zip", [f"test/{label.decode()}/1.png" for label in foreign])
    for ascii_name, label in foreign.items():
        path.write_bytes(path.read_bytes().replace(ascii_name, label.encode()))
    assert image_folder(path, COLOUR).classes == tuple(sorted(labels[4:7]))


PILLOW = tuple(map(int, PIL.__version__.split(".")[:2]))


def exif(damage: str) -> bytes:
    """A block that says "turned" and is damaged, or that is none."""
    entries = {
        "a tag outside": [struct.pack("<HHII", 0x010F, 2, 4000, 5000)],
        "a turn beside a tag outside": [
            struct.pack("<HHII", 0x010F, 2, 4000, 5000),
            struct.pack("<HHII", 0x0112, 3, 1, 3),
        ],
    }.get(damage, [])
    directory = struct.pack("<H", len(entries)) + b"".join(entries) + b"\0\0\0\0"
    return {"no TIFF": b"Exif\0\0what?", "cut": b"Exif\0\0II*\0\x08\0\0\0\x09\0"}.get(
        damage, b"Exif\0\0II*\0\x08\0\0\0" + directory
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("damage", ["a tag outside", "a turn beside a tag outside", "no TIFF", "cut"])
def test_damaged_exif_is_no_damaged_image(kind: str, damage: str) -> None:
    whole, block = encoded(RGB, kind), exif(damage)
    content = encoded(RGB, kind, exif=block)
    pixels, kinds = decode(content, COLOUR)
    # Older ones read no further than a damaged entry.
    turned = "turn" in damage and PILLOW >= (13, 0)
    assert np.array_equal(pixels[:, ::-1, ::-1] if turned else pixels, decode(whole, COLOUR)[0])
    # Of what is no EXIF at all in a JPEG, Pillow says nothing.
    silent = (damage, kind) == ("no TIFF", "JPEG")
    assert kinds == ["turned as their EXIF orientation says"] * turned + [DAMAGED] * (not silent)


@pytest.mark.skipif(PILLOW < (11, 2), reason="older ones write several pictures in another way")
def test_of_a_cameras_pictures_the_first_is_taken() -> None:
    content = encoded(RGB, "MPO", save_all=True, append_images=[RGB.rotate(90), RGB.rotate(180)])
    pixels, kinds = decode(content, COLOUR)
    assert np.array_equal(pixels, decode(encoded(RGB, "JPEG"), COLOUR)[0])
    assert kinds == ["the first of several pictures in one file"]
    # Cut off after the first picture, as some programs do.
    assert np.array_equal(decode(content[: content.index(b"\xff\xd8", 2)], COLOUR)[0], pixels)


@pytest.mark.parametrize(
    ("content", "same"),
    [
        (encoded(RGB.convert("CMYK"), "JPEG", quality=95), None),
        (encoded(RGB, "JPEG", progressive=True), encoded(RGB, "JPEG")),
        (encoded(RGB, "JPEG") + b"bytes of a phone", encoded(RGB, "JPEG")),
        (encoded(RGB, "WEBP", lossless=True), encoded(RGB)),
    ],
    ids=["CMYK", "progressive", "more at the end", "WebP"],
)
def test_other_files_of_cameras_and_old_data_sets(content: bytes, same: bytes | None) -> None:
    expected = decode(same, COLOUR)[0] if same else np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    pixels = decode(content, COLOUR)[0]
    assert np.array_equal(pixels if same else pixels.transpose(1, 2, 0), expected)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (encoded(RGB, "WEBP", save_all=True, append_images=[RGB.rotate(90)]), "holds 2 frames, expected one image"),
        (encoded(RGB, save_all=True, append_images=[RGB.rotate(90)]), "holds 2 frames, expected one image"),
        (encoded(PALETTE, "TIFF", save_all=True, append_images=[PALETTE]), "holds 2 frames, expected one image"),
        (encoded(RGB, "JPEG", progressive=True)[:-40], "is not a whole image"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", r"is not an image of a kind that is read \(BMP"),
        (png((b"IHDR", bytes(13))), "is not"),
    ],
    ids=["WebP", "PNG", "TIFF", "cut", "HEIC", "no size"],
)
def test_what_is_no_one_image_is_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as error:
        decode(content, COLOUR)
    assert "\n" not in str(error.value)


def test_a_photograph_of_more_pixels_than_are_read_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 40)
    for read in (header, lambda content: decode(content, COLOUR, resize=8)):
        with pytest.raises(InputError, match=r"^has more than [\d,]+ pixels, expected fewer$"):
            read(encoded(RGB, "JPEG"))
