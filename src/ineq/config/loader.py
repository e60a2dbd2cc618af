"""The one reader of `params.yaml` and of model cards: strict, and with a sentence for every mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, SafeConstructor

from ineq.config.card import Card
from ineq.config.fields import ALL, NAME, Section, earlier_names, section_of
from ineq.config.schema import Parameters
from ineq.config.short_repr import one_line, short_repr
from ineq.errors import InputError, nearest

PARAMS = Path("params.yaml")
LARGEST = 10**6
"""Bytes of a file of parameters; the reader takes half a minute for so many."""
LISTED = 20
"""Mistakes that are told at once."""
Model = TypeVar("Model", bound=Section)


class _Constructor(SafeConstructor):
    """Makes plain values; a dozen merge keys, each of several others, would be millions of keys."""

    def flatten_mapping(self, node: Any) -> Any:
        """Refuse what would be flattened."""
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                raise ConstructorError(None, None, "merge keys (<<) are not read, expected the keys", key.start_mark)


def content_of(path: Path) -> bytes:
    """The bytes of a file of parameters; raises `InputError` for one that cannot be read, or is no such file."""
    if not path.exists():
        raise InputError(f"{path} is missing")
    try:
        # A pipe or a device would be waited for, or read, for ever.
        content = path.read_bytes() if path.is_file() and path.stat().st_size <= LARGEST else None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})") from None
    if content is None:
        raise InputError(f"{path} is no file of parameters, expected a regular file of at most {LARGEST:,} bytes")
    return content


def read_yaml(path: Path) -> Any:
    """A YAML 1.2 file as plain values; no tag runs code; a key given twice is an error."""
    return _plain(content_of(path), path)


def _plain(content: bytes, path: Path) -> Any:
    try:
        reader = YAML(typ="safe", pure=True)
        reader.Constructor = _Constructor
        return reader.load(content.decode("utf-8"))
    # Beside its own errors the reader raises what an ill-formed date, number, tag or depth raises inside.
    except Exception as error:
        raise InputError(f"{path} is not valid YAML: {_flat(error)}") from None


def read_mapping(path: Path) -> dict[str, Any]:
    """A YAML file's keys and values; raises `InputError` where it holds something else."""
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise InputError(f"{path} must hold keys and values, found {type(content).__name__}")
    return content


def renamed_keys(content: Mapping[str, Any], section: type[Section], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Dotted keys that are given by an earlier name, each with today's name."""
    for name, value in content.items():
        field = section.model_fields.get(name)
        part = section_of(field.annotation) if field else None
        if part and isinstance(value, dict):
            yield from renamed_keys(value, part, f"{prefix}{name}.")
        elif (today := earlier_names(section).get(name)) and today not in content:
            yield f"{prefix}{name}", f"{prefix}{today}"


def read_parameters(path: Path) -> dict[str, Any]:
    """The keys and values of `params.yaml` or a study, by today's names; not checked yet."""
    content = read_mapping(path)
    for earlier, today in list(renamed_keys(content, Parameters)):
        *sections, name = earlier.split(".")
        section = content
        for part in sections:
            section = section[part]
        section[today.rpartition(".")[2]] = section.pop(name)
    return content


def read_section(path: Path, name: str) -> dict[str, Any]:
    """One section of a YAML file, empty if it is not there. Only its lines are read, as far as they stand by
    themselves: each job asks, and the reader takes 0.1 s for a whole study."""
    lines = re.search(rb"^%b:[ \t]*\r?\n(?:(?:[ \t#].*)?\n)*" % name.encode(), content_of(path) + b"\n", re.MULTILINE)
    try:
        section = _plain(lines[0], path)[name] if lines else None
    except InputError:
        section = None  # such as for an anchor that another section has
    content = read_mapping(path).get(name) if section is None else section
    return content if isinstance(content, dict) else {}


def write_yaml(path: Path, content: Any, head: str = "") -> None:
    """Write plain values, or what `editable` gave, after a `head`; the file is whole or the old one."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(head + yaml_text(content), encoding="utf-8")
    part.replace(path)


def yaml_text(content: Any) -> str:
    """Plain values as YAML."""
    stream = StringIO()
    _writer().dump(content, stream)
    return stream.getvalue()


def editable(path: Path) -> Any:
    """A YAML file's values, to be changed and written again with its comments and order."""
    return _writer().load(path)


def _writer() -> YAML:
    yaml = YAML()
    yaml.width = 120
    return yaml


def load_parameters(path: Path = PARAMS) -> Parameters:
    """Read and check the whole of `params.yaml`. Raises `InputError` with a sentence per mistake."""
    content = read_parameters(path)
    study = content.get("study")
    command = f"`ineq study use {study if isinstance(study, str) and re.fullmatch(NAME, study) else 'NAME'}`"
    return check(Parameters, content, path, missing=f": {command} writes every key", all_=f"; {command} writes it out")


def load_card(root: Path, study: str, model: str) -> Card:
    """Read and check the card `models/<study>/<model>.yaml`."""
    folder = root / "models" / study
    path = folder / f"{model}.yaml"
    if not path.is_file():
        known = sorted(card.stem for card in folder.glob("*.yaml"))
        cards = f"its cards are {', '.join(known)}" if known else f"there are no cards in models/{study}/"
        raise InputError(f"unknown model '{model}' in study '{study}': {cards}{nearest(model, known)}")
    return check(Card, read_mapping(path), path)


def check(model: type[Model], content: dict[str, Any], path: Path, *, missing: str = "", all_: str = "") -> Model:
    """Values as a checked section; `InputError` with a sentence per mistake in the file that they are from.

    `missing` ends the sentence about a key that is not there, `all_` that about a list of models given as `all`.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        sentences = [_sentence(model, problem, missing, all_) for problem in problems[:LISTED]]
        sentences += [f"… and {len(problems) - LISTED} more mistakes"] if len(problems) > LISTED else []
        raise InputError("\n".join(f"{path}: {sentence}" for sentence in sentences)) from None


def _sentence(model: type[Section], problem: Any, missing: str, all_: str) -> str:
    """One pydantic problem as: key, what was found, what is wanted."""
    key = one_line(".".join(str(part) for part in problem["loc"]))
    if problem["type"] == "extra_forbidden":
        return f"unknown key '{key}'{_nearest_key(model, problem['loc'])}"
    if problem["type"] == "missing":
        return f"key '{key}' is missing{missing}"
    requirement = problem["msg"].removeprefix("Value error, ").replace("Input should be", "should be")
    hint = all_ if problem["type"] == "list_type" and problem["input"] == ALL else ""
    if problem["type"] == "string_type" and not isinstance(problem["input"], list | dict):
        hint = ", with quotes around what looks like a number, a date, true or null"
    return f"'{key}' is {short_repr(problem['input'])}, but {requirement[0].lower() + requirement[1:]}{hint}"


def _nearest_key(model: Any, location: tuple) -> str:
    for part in location[:-1]:
        field = getattr(model, "model_fields", {}).get(part)
        model = section_of(field.annotation) if field else None
    return nearest(str(location[-1]), getattr(model, "model_fields", {}))


def _flat(error: Exception) -> str:
    return one_line(" ".join(str(error).split())) or type(error).__name__
