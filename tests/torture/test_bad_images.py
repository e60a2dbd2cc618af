"""Folders and zip files of images of any content: a data set, or one list of what is wrong."""

from __future__ import annotations

import io
import shutil
import tracemalloc
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
import pytest
from cases import cases, refused
from hostile import broken
from hypothesis import given
from hypothesis import strategies as st
from odd_images import BROKEN, PALETTE, RGB, encoded, turned
from PIL import Image

from ineq.data.folder import image_files, image_folder
from ineq.errors import InputError

GOOD = {
    **{kind: encoded(RGB, kind) for kind in ("PNG", "JPEG", "BMP", "TIFF", "WEBP", "PPM")},
    **{mode: encoded(RGB.convert(mode), "TIFF") for mode in ("1", "L", "LA", "RGBA", "CMYK", "YCbCr", "LAB", "I", "F")},
    "GIF": encoded(PALETTE, "GIF"),
    "MPO": encoded(RGB, "MPO", save_all=True, append_images=[RGB]),
    "damaged EXIF": encoded(RGB, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\x09\0"),
    "JPEG2000": encoded(RGB, "JPEG2000"),
    "turned": turned(6),
    "wide": encoded(RGB.resize((40, 3))),
    "thin": encoded(Image.new("L", (1, 5000))),
}
IMAGES = st.sampled_from([*GOOD.values(), *(content for content, _ in BROKEN.values())])
NAMES = st.sampled_from(
    (
        *(
            "train/cat/a.png",
            "train/cat/b.jpg",
            "test/dog/c.png",
            "val/dog/d",
            "Train/cat/d",
            "validation/dog/d",
            "test\\dog\\d",
            "train/e\u0301/d",
            "train/cat",
            "train//x.png",
            "a",
            "../b.png",
        ),
        *(
            "/etc/passwd",
            "train/cat/../../e.png",
            "set/train/cat/f.png",
            "train/.hidden/g.png",
            "train/c\nat/h.png",
            "",
        ),
        *("C:\\x.png", "train/cat/" + "x" * 200, "train/\udcff/i.png", "test/cat/", "train/a\0b/c.png", "."),
    )
) | st.text(max_size=12)
START = {f"{split}/{label}/good.png": GOOD["PNG"] for split in ("train", "test") for label in ("cat", "dog")}


def read(path: Path) -> None:
    """Both ways to read images; the second takes them of any size."""
    problems = []
    for reader in (image_folder, partial(image_files, resize=8)):
        try:
            reader(path, (3, 8, 8))
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n".join(problems))


@cases(4)
@given(st.dictionaries(NAMES, IMAGES | IMAGES.flatmap(broken), max_size=3))
def test_folders_of_any_images(tmp_path_factory: pytest.TempPathFactory, extra: Mapping[str, bytes]) -> None:
    place = tmp_path_factory.mktemp("images")
    for name, content in {**START, **extra}.items():
        path = place / "set" / name
        if not path.is_relative_to(place / "set") or ".." in path.parts or "\0" in name:
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        # A file where another one needs a folder, or a name that no file can have.
        except (OSError, UnicodeEncodeError):
            continue
    refused(lambda: read(Path("set")), place)
    shutil.rmtree(place)


@cases(4)
@given(
    st.lists(st.tuples(NAMES, IMAGES | IMAGES.flatmap(broken)), max_size=3),
    st.sampled_from((ZIP_STORED, ZIP_DEFLATED, ZIP_BZIP2, ZIP_LZMA)),
    st.data(),
)
def test_zip_files_of_any_content(
    tmp_path_factory: pytest.TempPathFactory, extra: list[tuple[str, bytes]], kind: int, data: st.DataObject
) -> None:
    stream = io.BytesIO()
    with ZipFile(stream, "w", kind) as archive:
        for name, content in dict([*START.items(), *extra]).items():
            member = ZipInfo("x")
            # As it stands in the file, where it may be anything.
            member.filename, member.compress_type = name.encode("utf-8", "replace").decode(), kind
            archive.writestr(member, content)
    place = tmp_path_factory.mktemp("zip")
    good = stream.getvalue()
    (place / "set.zip").write_bytes(data.draw(st.just(good) | broken(good)))
    refused(lambda: read(Path("set.zip")), place)
    assert [path.name for path in place.iterdir()] == ["set.zip"], "nothing is unpacked"
    shutil.rmtree(place)


def bomb(kind: int) -> bytes:
    """A zip file of a few bytes, whose one image says that it is small and unpacks to 200 MiB."""
    stream = io.BytesIO()
    with ZipFile(stream, "w", kind) as archive, archive.open("train/cat/a.png", "w") as member:
        for _ in range(200):
            member.write(bytes(2**20))
    content = bytearray(stream.getvalue())
    directory = content.rindex(b"PK\1\2")
    content[directory + 24 : directory + 28] = (100).to_bytes(4, "little")
    return bytes(content)


@pytest.mark.parametrize("kind", [ZIP_DEFLATED, ZIP_BZIP2])
def test_a_small_zip_file_does_not_take_all_memory(tmp_path: Path, kind: int) -> None:
    (tmp_path / "set.zip").write_bytes(bomb(kind))
    tracemalloc.start()
    assert "train/cat/a.png: " in refused(lambda: image_folder(Path("set.zip"), (3, 8, 8)), tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**25


def test_a_thin_image_does_not_take_all_memory(tmp_path: Path) -> None:
    """Its shorter side made 256 pixels, the longer one would be millions."""
    for name, content in START.items():
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_bytes(content)
    (tmp_path / "set/train/cat/thin.png").write_bytes(encoded(Image.fromarray(np.zeros((200_000, 1), np.uint8))))
    found = refused(lambda: image_files(Path("set"), (3, 224, 224), resize=256), tmp_path)
    assert "train/cat/thin.png: is 1×200000, too long" in found
