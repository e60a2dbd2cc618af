"""Which of the model's classes each folder of images is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ineq.auditing.classes import class_names, number_folders, read_classes
from ineq.data.folder import CLASSES, image_folder
from ineq.errors import InputError

SYNSETS = {"n01440764": 0, "n01443537": 1, "n02123045": 2}
FILES = {
    "synsets.txt": "n01440764\nn01443537\n\nn02123045\n",
    "LOC_synset_mapping.txt": "n01440764 tench, Tinca tinca\r\nn01443537 goldfish\r\nn02123045 tabby, tabby cat\r\n",
    "imagenet_class_index.json": json.dumps({str(n): [name, "fish"] for name, n in SYNSETS.items()}),
    "list.json": json.dumps([*SYNSETS]),
    "class_to_idx.json": json.dumps(SYNSETS),
    "config.json": json.dumps({"model": "x", "id2label": {str(n): name for name, n in SYNSETS.items()}}),
    "data.yaml": "path: x\nnames:\n  0: n01440764\n  1: n01443537\n  2: n02123045\n",
    "names.yml": "- n01440764\n- n01443537\n- n02123045\n",
    "table.csv": "folder,class\nn01440764,0\nn01443537,1\nn02123045,2\n",
    "table.tsv": "2\tn02123045\n0\tn01440764\n1\tn01443537\n",
    "semicolons.csv": "folder;class\nn01440764;0\nn01443537;1\nn02123045;2\n",
    "notes.csv": "0;n01440764;tench, Tinca tinca\n1;n01443537;goldfish\n2;n02123045;tabby, a cat\n",
    "numbers.txt": "n01440764 0\nn01443537 1\nn02123045 2\n",
    "from_one.txt": "n01440764 1\nn01443537 2\nn02123045 3\n",
    "with_bom.txt": "\ufeffn01440764\nn01443537\nn02123045",
}


@pytest.mark.parametrize("file", FILES)
def test_a_map_of_classes_is_read_in_any_usual_form(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_text(FILES[file], encoding="utf-8", newline="")
    found = read_classes(tmp_path / file)
    assert {name: found[name] for name in SYNSETS} == SYNSETS
    # What several classes are called names none of them.
    assert "fish" not in found
    names = class_names(tmp_path, ["n01440764", "n02123045"], 4, str(tmp_path / file))
    assert names == ["n01440764", "class 1, without images", "n02123045", "class 3, without images"]


def test_names_stay_text_and_any_script(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text("no: 0\n08: 1\nNone: 2\n1e3: 3\nCafe\u0301: 4\n", encoding="utf-8")
    assert class_names(tmp_path, ["1e3", "Caf\u00e9", "no", "08", "None"], 5, str(tmp_path / "odd.yaml")) == [
        *("no", "08", "None", "1e3", "Caf\u00e9"),
    ]
    (tmp_path / "sections.json").write_text('{"names": 0, "classes": 1}')
    assert read_classes(tmp_path / "sections.json") == {"names": 0, "classes": 1}
    (tmp_path / "cats.txt").write_text("tiger cat\ntiger\ntiger shark\n")
    assert read_classes(tmp_path / "cats.txt") == {"tiger cat": 0, "tiger": 1, "tiger shark": 2}
    (tmp_path / "planes.txt").write_text("Boeing 747\nBoeing 737\nglider\n")
    assert read_classes(tmp_path / "planes.txt") == {"Boeing 747": 0, "Boeing 737": 1, "glider": 2}


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    return Path("photos")


def test_without_a_map_there_are_as_many_folders_as_classes(photos: Path) -> None:
    assert class_names(photos, ["dog", "cat"], 2) == ["cat", "dog"]
    assert class_names(photos, ["9", "3"], 10, "numbers")[3::6] == ["3", "9"]


def test_the_list_beside_the_folders_counts(photos: Path) -> None:
    (photos / "classes.txt").write_text("dog\ncat\n")
    assert class_names(photos, ["cat", "dog"], 2) == ["dog", "cat"]
    (photos / "classes.txt").write_text("dog\ncow\ncat\n")
    assert class_names(photos, ["cat", "dog"], 3) == ["dog", "cow", "cat"]
    with pytest.raises(InputError, match="folders of 3 classes, the model has 2"):
        class_names(photos, ["cat", "dog"], 2)
    with pytest.raises(InputError, match=r"classes\.txt has class 'cow' 0 times"):
        (photos / "classes.txt").write_text("dog\ncat\n")
        class_names(photos, ["cat", "cow"], 2)


@pytest.mark.parametrize(
    ("folders", "outputs", "told", "words"),
    [
        ([*"123456789"], 10, "", "photos has folders of 9 classes, the model has 10: expected as many, or --classes"),
        ([*"abcd"], 3, "", "folders of 4 classes, the model has 3"),
        (["1", "10"], 10, "numbers", "folder '10' of photos is class 10, expected 0 to 9, the model's"),
        (["1", "one"], 10, "numbers", "folder 'one' of photos is no number"),
        (["1", "01"], 10, "numbers", "folders '1' and '01' of photos are both class 1"),
        (["1", "²"], 10, "numbers", "folder '²' of photos is no number"),
        (["1", "-1"], 10, "numbers", "folder '-1' of photos is no number"),
        (["cat", "cow"], 10, "map.json", "folder 'cow' of photos is in map.json not the name of one class"),
        (["cat", "dog"], 2, "map.json", "folder 'dog' of photos is class 5, expected 0 to 1"),
        (["cat"], 2, "missing.txt", "missing.txt is missing"),
        (["cat"], 2, "broken.json", "broken.json cannot be read as classes"),
        (["cat"], 2, "bytes.txt", "bytes.txt cannot be read as classes"),
        (["cat"], 2, "words.json", "words.json has no classes, expected a folder's name a line"),
        (["cat"], 2, "empty.yaml", "empty.yaml has no classes"),
        (["cat"], 2, "empty.txt", "empty.txt has no classes"),
        (["cat"], 2, "empty.csv", "empty.csv has no classes"),
        (["cat"], 2, "empty.json", "empty.json has no classes"),
        (["cat"], 2, "heading.csv", "heading.csv has no classes"),
        (["cat"], 2, "deep.json", "deep.json has lists in lists in lists, expected a folder's name a line"),
        (["cat"], 2, "deep.yaml", "deep.yaml has lists in lists in lists"),
        (["cat"], 2, ".", ". is a folder, expected a file with a folder's name a line"),
        (["9" * 5000, "1"], 2, "numbers", "999…' of photos is class 1000000000000, expected 0 to 1, the model's"),
        (["cat"], 2, "huge.json", "folder 'cat' of photos is class 1000000000000, expected 0 to 1, the model's"),
        (["cat"], 2, "order.txt", "order.txt cannot be read as classes (it has numbers, 'dog 1' first, in another"),
        (["cat"], 2, "one.csv", "one.csv cannot be read as classes (line 1 has one column, not a name and a number)"),
        (["cat"], 2, "twice.csv", "twice.csv cannot be read as classes ('cat' is there twice, with 0 and 1)"),
        (["cat"], 2, "twice.json", "twice.json cannot be read as classes ('cat' is there twice, with 0 and 1)"),
        (["cat"], 2, "twice.txt", "folder 'cat' of photos is in twice.txt not the name of one class"),
    ],
)
def test_what_is_no_class_of_the_model_is_refused(
    photos: Path, folders: list[str], outputs: int, told: str, words: str
) -> None:
    contents = {"map.json": '{"cat": 0, "dog": 5}', "broken.json": "{", "words.json": '{"cat": "dog"}'}
    contents |= {"empty.txt": "", "empty.csv": "\n", "empty.json": "", "heading.csv": "folder,class\n"}
    contents |= {"deep.json": "[" * 100_000, "deep.yaml": "[" * 10_000, "order.txt": "dog 1\ncat 0\n"}
    contents |= {"huge.json": f'{{"cat": {"9" * 5000}}}'}
    contents |= {"empty.yaml": "", "one.csv": "cat\ndog\n"}
    contents |= {"twice.csv": "cat,0\ncat,1\n", "twice.json": '{"cat": 0, "cat": 1}', "twice.txt": "cat\ncat\n"}
    for name, content in contents.items():
        Path(name).write_text(content)
    Path("bytes.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError) as refused:
        class_names(photos, folders, outputs, told)
    assert words in str(refused.value)


def images(top: Path, folders: str) -> None:
    for label in folders:
        (top / "test" / label).mkdir(parents=True)
        Image.fromarray(np.full((8, 8), ord(label), np.uint8)).save(top / "test" / label / "one.png")


def test_labels_are_the_models_numbers_where_classes_have_no_images(photos: Path) -> None:
    data = photos.parent / "data"
    images(data, "379")
    number_folders(photos, data, 10, "numbers")
    found = image_folder(data, (1, 8, 8))
    pixels = found.images["test"][:, 0, 0, 0].tolist()
    assert dict(zip(pixels, found.labels["test"].tolist(), strict=True)) == {51: 3, 55: 7, 57: 9}
    assert len(found.classes) == 10 and found.classes[7] == "7"
    # As many as folders, in their order, is what a folder without a list has anyway.
    number_folders(photos, data, 3)
    assert not (data / CLASSES).exists() and image_folder(data, (1, 8, 8)).classes == ("3", "7", "9")


def test_a_list_that_lacks_a_folder_is_refused(tmp_path: Path) -> None:
    images(tmp_path, "ab")
    (tmp_path / CLASSES).write_text("a\nc\na\n")
    with pytest.raises(InputError, match="has class 'a' 2 times, expected it once"):
        image_folder(tmp_path, (1, 8, 8))
