"""An index of image files: what it gives is what torchvision's transforms give, and a changed file is noticed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from imagenet_study import CLASSES, write_images
from PIL import Image

from ineq.data.dataset import read_split, write_dataset
from ineq.data.decode import decode
from ineq.data.index import to_bytes, to_names
from ineq.data.sources import INDEXES
from ineq.errors import InputError
from ineq.io.hdf5 import read_hdf5, write_hdf5
from ineq.io.rows import Made, Rows, first, parts
from ineq.models.forward import prefetch

SHAPE = (3, 224, 224)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("images")
    write_images(made, 12)
    return made


def test_images_are_those_of_torchvisions_transforms(folder: Path) -> None:
    from torchvision.transforms import CenterCrop, Compose, Resize

    customary = Compose([Resize(256), CenterCrop(224)])
    for path in sorted(folder.rglob("*.JPEG")):
        wanted = np.asarray(customary(Image.open(path).convert("RGB"))).transpose(2, 0, 1)
        found, _ = decode(path.read_bytes(), SHAPE, 256)
        assert np.array_equal(found, wanted), path.name


def test_an_index_gives_every_image_with_its_label(folder: Path, tmp_path: Path) -> None:
    said: list[str] = []
    index = INDEXES["files"](folder, SHAPE, seed=3, report=said.append, resize=256)
    write_dataset(tmp_path / "data.h5", index, {})
    split = read_split(tmp_path / "data.h5", "test")
    assert split.images.shape == (12, *SHAPE) and len(split.images) == 12 and split.classes == CLASSES
    assert (tmp_path / "data.h5").stat().st_size < 50_000, "an index, not a copy"
    names = index.names["test"]
    assert list(names) != sorted(names), "shuffled"
    for place, name in enumerate(names):
        wanted = decode((folder / name).read_bytes(), SHAPE, 256)[0] / np.float32(255)
        assert np.array_equal(split.images[place], wanted.astype(np.float32))
        assert split.classes[split.labels[place]] == Path(name).parent.name
    assert np.array_equal(split.images[np.array([4, 2])], split.images[:][[4, 2]])
    assert np.array_equal(np.asarray(split.images)[5:7], split.images[5:7])
    assert {"1 images: converted from L to RGB", "1 images: converted from CMYK to RGB"} <= set(said)
    with pytest.raises(InputError, match="the data set has no training images"):
        read_split(tmp_path / "data.h5", "train")


def test_a_file_that_changed_or_went_is_refused(folder: Path, tmp_path: Path) -> None:
    write_images(tmp_path / "images", 3)
    write_dataset(tmp_path / "data.h5", INDEXES["files"](tmp_path / "images", SHAPE, resize=256), {})
    images = read_split(tmp_path / "data.h5", "test").images
    one, other, _ = sorted((tmp_path / "images").rglob("*.JPEG"))
    one.write_bytes(other.read_bytes())
    with pytest.raises(InputError, match=rf"{one.name} is not the file that the index names: rerun the stage 'data'"):
        images[:]
    one.unlink()
    with pytest.raises(InputError, match=rf"{one.name} cannot be read \(No such file"):
        images[:]


def test_without_resize_another_size_is_refused_in_the_one_list(folder: Path) -> None:
    with pytest.raises(InputError, match="12 not as wanted") as refused:
        INDEXES["files"](folder, SHAPE)
    assert "expected 224×224" in str(refused.value)
    with pytest.raises(InputError, match="is no folder: an index is of files in a folder"):
        INDEXES["files"](folder / "images.zip", SHAPE)


def test_a_thin_image_is_as_wide_as_wanted() -> None:
    content = io.BytesIO()
    Image.new("RGB", (3, 600), (9, 8, 7)).save(content, "PNG")
    assert decode(content.getvalue(), SHAPE, 256)[0].shape == SHAPE


def test_what_comes_next_is_read_ahead_and_errors_come_through() -> None:
    class Counted:
        def __init__(self) -> None:
            self.asked: list[int] = []

        def __len__(self) -> int:
            return 7

        def __getitem__(self, rows: slice) -> np.ndarray:
            self.asked.append(rows.start)
            if rows.start == 6:
                raise InputError("the last one is broken")
            return np.arange(7)[rows]

    values, seen = Counted(), []
    with pytest.raises(InputError, match="the last one is broken"):
        for rows, found in prefetch(values, 3):
            seen.append((rows.start, rows.stop, found.tolist()))
    assert seen == [(0, 3, [0, 1, 2]), (3, 6, [3, 4, 5])] and values.asked == [0, 3, 6]
    assert list(prefetch(np.zeros((0, 2)), 3)) == []


def test_names_survive_as_bytes() -> None:
    names = ["val/a/1.JPEG", "val/ä ö/日本.png", "x"]
    assert to_names(to_bytes(names)) == names


@pytest.fixture(params=[(), ("maps",)], ids=["compressed", "uncompressed"])
def stored(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Path, np.ndarray]:
    """The same array, written at once and part by part."""
    values = torch.rand(11, 3, 40, 40, generator=torch.Generator().manual_seed(0)).numpy()
    options = {"stage": "attribute", "parameters": {}, "units": {"maps": "x", "n": "y"}, "uncompressed": request.param}
    write_hdf5(tmp_path / "whole.h5", {"maps": values, "n": np.arange(3)}, **options)

    def made() -> Iterator[np.ndarray]:
        yield from (values[:4], values[4:5], values[5:])

    streamed = Made(values.shape, values.dtype, made())
    write_hdf5(tmp_path / "streamed.h5", {"maps": streamed, "n": np.arange(3)}, **options)
    return tmp_path, values


def test_part_by_part_gives_the_same_file(stored: tuple[Path, np.ndarray]) -> None:
    folder, values = stored
    assert (folder / "whole.h5").read_bytes() == (folder / "streamed.h5").read_bytes()
    short = {"maps": Made(values.shape, values.dtype, iter([values[:4]]))}
    with pytest.raises(ValueError, match="4 rows were made, announced were 11"):
        write_hdf5(folder / "short.h5", short, stage="attribute", parameters={}, units={"maps": "x"})


def test_large_arrays_are_checked_and_read_when_used(stored: tuple[Path, np.ndarray]) -> None:
    folder, values = stored
    wanted = {"maps": ("float32", 4), "n": ("int64", 1)}
    found, _ = read_hdf5(folder / "whole.h5", stage="attribute", datasets=wanted, large=["maps"])
    maps = found["maps"]
    assert isinstance(maps, Rows) and isinstance(found["n"], np.ndarray) and maps.shape == values.shape
    assert np.array_equal(maps[3], values[3]) and np.array_equal(maps[-4:], values[-4:])
    assert np.array_equal(first(maps, 5)[2:], values[2:5]) and len(first(maps, 50)) == 11
    assert np.array_equal(np.concatenate(list(parts(maps, 4))), values) and len(list(parts(maps))) == 1
    spoilt = bytearray((folder / "whole.h5").read_bytes())
    spoilt[len(spoilt) // 2] ^= 1
    (folder / "whole.h5").write_bytes(bytes(spoilt))
    with pytest.raises(InputError, match=r"whole\.h5 .*rerun the stage 'attribute'"):
        read_hdf5(folder / "whole.h5", stage="attribute", datasets=wanted, large=["maps"])
