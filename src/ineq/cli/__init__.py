"""The command `ineq`: one room for each group of commands, and nothing that computes."""

from __future__ import annotations

import importlib.metadata
import io
import sys
from typing import Annotated

import typer

from ineq.cli import params, results, study
from ineq.cli.audit import audit
from ineq.cli.usage import Group, refuse_bad_usage
from ineq.runtime.console import exit_on_error

app = typer.Typer(cls=Group, rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)
app.command(epilog="Example: ineq audit mine.pt -a my_net:make --images photos")(audit)
app.command(epilog="Example: ineq adopt")(results.adopt)
app.command(epilog="Example: ineq explain results/digits/tables/gini.csv")(results.explain)
app.add_typer(study.app, name="study")
app.add_typer(params.app, name="params")


def _version(asked: bool) -> None:
    if asked:
        print(f"ineq {importlib.metadata.version('ineq')}")
        raise typer.Exit


@app.callback()
def ineq(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """How unequal, and how fragile, is an adversarially trained model?"""


def main() -> None:
    """Run the command line; bad input and bad usage are one sentence and exit code 2."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Where × and ∞ have no place, as in the locale C without UTF-8, and for a file name that is no text.
        sys.stdout.reconfigure(errors="backslashreplace")
    with exit_on_error("ineq"), refuse_bad_usage():
        sys.exit(app(sys.argv[1:] or ["--help"], prog_name="ineq", standalone_mode=False))
