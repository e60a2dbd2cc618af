"""What all commands share: how bad usage is told, and what programs are given."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ineq.config.short_repr import one_line, short_repr
from ineq.errors import InputError, refuse_unknown

AsJson = Annotated[bool, typer.Option("--json", help="For programs: JSON, and nothing else.")]


class Group(TyperGroup):
    """A group that refuses an unknown command as everything unknown is refused."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first word names."""
        if args[0] not in self.commands:
            refuse_unknown("command", one_line(args[0]), self.commands)
        return super().resolve_command(ctx, args)


@contextlib.contextmanager
def refuse_bad_usage() -> Iterator[None]:
    """Inside, bad usage is an `InputError`: what is wrong, the nearest right name, and where to read on."""
    try:
        yield
    except typer.TyperException as error:
        context: Any = getattr(error, "ctx", None)
        if hasattr(error, "possibilities"):
            options = [option for parameter in context.command.get_params(context) for option in parameter.opts]
            known = [option for option in options if option.startswith("-")]
            refuse_unknown("option", one_line(getattr(error, "option_name", "")), known)
        said, refused = error.format_message(), getattr(error.__cause__, "errors", None)
        if refused:
            said = said.replace("Input", short_repr(refused()[0]["input"]))
        if said == "Missing command.":
            said = f"{said[:-1]}, expected one of {', '.join(context.command.commands)}"
        said = one_line(said[:1].lower() + said[1:].rstrip("."))
        raise InputError(f"{said}; `{context.command_path} --help` says more" if context else said) from None


def tell(content: Any, text: str, as_json: bool) -> None:
    """Print what a command has to say: its content as JSON for programs, or a text for people, which may be empty."""
    if as_json:
        print(json.dumps(content, indent=1))
    elif text:
        print(text)
