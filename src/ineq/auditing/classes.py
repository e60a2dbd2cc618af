"""Which of the model's classes each folder of images is: by their order where there are as many, else as it is told."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from unicodedata import normalize

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ineq.config.loader import content_of
from ineq.config.short_repr import one_line
from ineq.data.folder import CLASSES, listed_classes
from ineq.errors import InputError

NUMBERS = "numbers"
"""What is told where the names of the folders are the numbers of the classes."""
SECTIONS = ("class_to_idx", "label2id", "id2label", "classes", "names")
"""Where files that say more have their classes."""
DIGITS = 12
"""Of the number of a class; whatever has more is too large."""
FORMS = "a folder's name a line in the model's order, or JSON, YAML or CSV with names and numbers"


def number_folders(top: Path, target: Path, outputs: int, listed: str = "") -> None:
    """Say beside `target/test`, a copy of some of `top`, which folder each class is, where it isn't their order."""
    folders = sorted(path.name for path in (target / "test").iterdir())
    file, names = target / CLASSES, class_names(top, folders, outputs, listed)
    file.unlink(missing_ok=True)
    if names != folders:
        # A folder whose name is no text is refused by the stage `data`.
        file.write_text("".join(f"{name}\n" for name in names), encoding="utf-8", errors="backslashreplace")


def class_names(top: Path, folders: Sequence[str], outputs: int, listed: str = "") -> list[str]:
    """The folder of each of the model's classes, (outputs,), or `class 7, without images`.

    `listed` is the path of a file, `NUMBERS`, or empty: then folders are classes in the order of their names, or of
    `classes.txt` beside them. Raises `InputError` where they aren't as many, and for a folder that is no class of the
    model, or the same as another.
    """
    if not listed:
        names = listed_classes(top, sorted(folders))
        if len(names) != outputs:
            raise InputError(
                f"{top} has folders of {len(names)} classes, the model has {outputs}: expected as many, or "
                f"--classes FILE ({FORMS}), or --classes {NUMBERS} if the names of the folders are the numbers, from 0"
            )
        return names
    known = _numbered_folders(folders) if listed == NUMBERS else read_classes(Path(listed))
    named: dict[int, str] = {}
    for folder in folders:
        number = known.get(normalize("NFC", folder))
        if number is None:
            what = "no number" if listed == NUMBERS else f"in {listed} not the name of one class"
            raise InputError(f"folder '{one_line(folder)}' of {top} is {what}, expected a class for every folder")
        if number >= outputs:
            known_as = f"folder '{one_line(folder)}' of {top} is class {number}"
            raise InputError(f"{known_as}, expected 0 to {outputs - 1}, the model's")
        if number in named:
            raise InputError(f"folders '{named[number]}' and '{folder}' of {top} are both class {number}, expected one")
        named[number] = folder
    return [named.get(number, f"class {number}, without images") for number in range(outputs)]


def _numbered_folders(folders: Sequence[str]) -> dict[str, int]:
    return {name: _number(name) for name in folders if _is_number(name)}


def read_classes(path: Path) -> dict[str, int]:
    """The number of each class by every name that it alone has in the file.

    A text file has a name a line, of which the first word counts too (`n01440764 tench`). JSON and YAML have a list in
    the model's order, or names with numbers, either way round (`{"0": ["n01440764", "tench"]}`); CSV has both in two
    columns. Raises `InputError`, naming the file, for anything else.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder, expected a file with {FORMS}")
    try:
        text = content_of(path).decode("utf-8-sig")
        return _numbered(path, _content(path.suffix.lower(), normalize("NFC", text)) if text.strip() else [])
    except RecursionError:
        raise InputError(f"{path} has lists in lists in lists, expected {FORMS}") from None
    except (ValueError, YAMLError, csv.Error) as error:
        if isinstance(error, InputError):
            raise
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path} cannot be read as classes ({reason}), expected {FORMS}") from None


def _content(kind: str, text: str) -> Any:
    """A list of names, or a mapping; every value is text."""
    if kind == ".json":
        return json.loads(text, parse_int=str, object_pairs_hook=_mapping)
    if kind in (".yaml", ".yml"):
        # Text, so that a class may be called `no` or `0e1`.
        return YAML(typ="base", pure=True).load(text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if kind in (".csv", ".tsv"):
        return _table(lines, "\t" if kind == ".tsv" else ",")
    _refuse_another_order([line.split() for line in lines])
    return [[line, line.split()[0]] for line in lines]


def _refuse_another_order(lines: Sequence[Sequence[str]]) -> None:
    """Raise `ValueError` where each line is a name and a number, but the numbers are not in the lines' order."""
    pairs = {line[0]: line[1] for line in lines if len(line) == 2 and _is_number(line[1])}
    numbers = [*map(_number, pairs.values())]
    if len(numbers) == len(lines) and numbers not in ([*range(len(lines))], [*range(1, len(lines) + 1)]):
        raise ValueError(f"it has numbers, '{' '.join(lines[0])}' first, in another order than the lines'")


def _table(lines: Sequence[str], usual: str) -> dict[Any, Any]:
    """The first two columns, with the usual sign between them, or another that every line has."""
    separator = next((sign for sign in (usual, *";\t,") if all(sign in line for line in lines)), usual)
    rows = [row[:2] for row in csv.reader(lines, delimiter=separator)]
    for number, row in enumerate(rows, start=1):
        if len(row) < 2:
            raise ValueError(f"line {number} has one column, not a name and a number")
    # The first may be a heading.
    return _mapping(rows[0 if not rows or any(map(_is_number, rows[0])) else 1 :])


def _mapping(pairs: Iterable[Sequence[Any]]) -> dict[Any, Any]:
    """As `dict`. Raises `ValueError` where a name stands twice, with two meanings."""
    made: dict[Any, Any] = {}
    for key, value in pairs:
        if made.setdefault(key, value) != value:
            raise ValueError(f"'{key}' is there twice, with {made[key]} and {value}")
    return made


def _numbered(path: Path, content: Any) -> dict[str, int]:
    if isinstance(content, Mapping):
        inner = [content[key] for key in SECTIONS if isinstance(content.get(key), list | Mapping)]
        content = next(iter(inner), content)
    if isinstance(content, list) and content:
        return _by_name(enumerate(map(_names, content)))
    if isinstance(content, Mapping) and content:
        if all(map(_is_number, content.values())):
            return _by_name((_number(number), [str(name)]) for name, number in content.items())
        if all(map(_is_number, content)):
            return _by_name((_number(number), _names(names)) for number, names in content.items())
    raise InputError(f"{path} has no classes, expected {FORMS}")


def _names(entry: Any) -> list[str]:
    return [str(name) for name in (entry if isinstance(entry, list) and entry else [entry])]


def _by_name(classes: Iterable[tuple[int, Sequence[str]]]) -> dict[str, int]:
    """A class's first name counts more than its others."""
    first, other = defaultdict(set), defaultdict(set)
    for number, (name, *more) in classes:
        first[name].add(number)
        for one in more:
            other[one].add(number)
    return {name: min(numbers) for names in (other, first) for name, numbers in names.items() if len(numbers) == 1}


def _number(text: str) -> int:
    """Python reads no more than a few thousand digits, and no model has so many classes."""
    return int(text[-DIGITS:]) if not text[:-DIGITS].strip("0") else 10**DIGITS


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdecimal()
