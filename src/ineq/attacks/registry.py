"""Attacks by their names: those of this package, and of others that declare one by an entry point."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ineq import installed
from ineq.attacks.base import Attack
from ineq.errors import InputError, refuse_unknown


def attack_of(name: str, options: Mapping[str, Any]) -> Attack:
    """The attack of that name with these options, the others by their defaults.

    Raises `InputError` for a name that nobody knows, an unknown option, and for a plug-in that is no `Attack`.
    """
    kind = _class(name)
    refuse_ill_made(name, kind)
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    for option in options:
        refuse_unknown(f"option of {name}", option, known)
    return kind(**options)


def refuse_ill_made(name: str, kind: Any) -> None:
    """Raise `InputError` unless `kind` is a dataclass made of `Attack` whose options all have a default."""
    if not (inspect.isclass(kind) and issubclass(kind, Attack) and is_dataclass(kind)):
        actual = kind.__name__ if inspect.isclass(kind) else f"a {type(kind).__name__}"
        raise InputError(f"attack {name} is {actual}, expected a dataclass that inherits ineq.attacks.base.Attack")
    try:
        kind()
    except TypeError as error:
        raise InputError(f"attack {name} can't be made without options ({error}), expected defaults for all") from None


def _class(name: str) -> Any:
    # The code digest of a job counts the module of the attack that it runs, and so no other attack's.
    module = f"ineq.attacks.{name}"
    if name.isidentifier() and find_spec(module) and hasattr(import_module(module), "ATTACK"):
        return import_module(module).ATTACK
    return installed.find("attack", name).load()
