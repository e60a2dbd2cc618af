"""The one reader of `params.yaml` and of model cards: strict, and with a sentence for every mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ineq.config.card import Card
from ineq.config.fields import Section, section_of
from ineq.config.schema import Parameters
from ineq.errors import InputError, nearest

PARAMS = Path("params.yaml")
Model = TypeVar("Model", bound=Section)


def read_yaml(path: Path) -> Any:
    """A YAML 1.2 file as plain values; no tag runs code; a key given twice is an error."""
    try:
        return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path} is missing") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid YAML: {_flat(error)}") from None


def load_parameters(path: Path = PARAMS) -> Parameters:
    """Read and check parameters. Raises `InputError` with a sentence per mistake."""
    return _parse(Parameters, path)


def load_card(root: Path, study: str, model: str) -> Card:
    """Read and check the card `models/<study>/<model>.yaml`."""
    folder = root / "models" / study
    path = folder / f"{model}.yaml"
    if not path.is_file():
        known = sorted(card.stem for card in folder.glob("*.yaml"))
        cards = f"its cards are {', '.join(known)}" if known else f"there are no cards in models/{study}/"
        raise InputError(f"unknown model '{model}' in study '{study}': {cards}{nearest(model, known)}")
    return _parse(Card, path)


def _parse(model: type[Model], path: Path) -> Model:
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise InputError(f"{path} must hold keys and values, found {type(content).__name__}")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        sentences = [_sentence(model, problem) for problem in error.errors(include_url=False)]
        raise InputError("\n".join(f"{path}: {sentence}" for sentence in sentences)) from None


def _sentence(model: type[Section], problem: Any) -> str:
    """One pydantic problem as: key, what was found, what is wanted."""
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"unknown key '{key}'{_nearest_key(model, problem['loc'])}"
    if problem["type"] == "missing":
        return f"key '{key}' is missing"
    wanted = problem["msg"].removeprefix("Value error, ").replace("Input should be", "should be")
    return f"'{key}' is {problem['input']!r}, but {wanted[0].lower() + wanted[1:]}"


def _nearest_key(model: Any, location: tuple) -> str:
    for part in location[:-1]:
        field = getattr(model, "model_fields", {}).get(part)
        model = section_of(field.annotation) if field else None
    return nearest(str(location[-1]), getattr(model, "model_fields", {}))


def _flat(error: Exception) -> str:
    return " ".join(str(error).split())
