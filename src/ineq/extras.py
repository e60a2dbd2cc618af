"""What the library does without: packages that only an extra of it brings, and the sentence where one is missing.

Which package is of which extra stands in pyproject.toml alone, and is read from the installed package's metadata.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ineq.errors import EXIT_CODE, InputError

DISTRIBUTIONS = {"PIL": "pillow", "sklearn": "scikit-learn", "ruamel": "ruamel.yaml", "yaml": "PyYAML"}
"""Packages that are installed by another name than they are imported by."""
REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(\[(?P<extras>[^]]*)\])?.*;.*extra == [\"'](?P<extra>[^\"']+)[\"']")


class MissingExtra(ModuleNotFoundError, InputError):
    """A package is not installed: one sentence that says what needs it, and the command that brings it.

    It is both: a command or a stage ends with it as with all bad input, and whoever writes `except ImportError` around
    an import, or calls `pytest.importorskip`, gets what they expect.
    """


@contextmanager
def extra(name: str, what: str) -> Iterator[None]:
    """Inside, a package that is not installed and that the extra `name` brings is `MissingExtra`.

    `what` needs it: a noun in the singular, such as "a figure". Another package that is missing stays the
    `ModuleNotFoundError` that it is.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        distribution = DISTRIBUTIONS.get(package, package)
        if isinstance(error, MissingExtra) or _normal(distribution) not in packages_of(name):
            raise
        sentence = f"{distribution} is not installed, which {what} needs: pip install 'ineq[{name}]'"
        raise MissingExtra(sentence, name=error.name) from None


@contextmanager
def workflow_of(who: str) -> Iterator[None]:
    """Inside, a missing package of the extra `workflow` ends the process: a sentence of `who`, and exit code 2."""
    try:
        with extra("workflow", "the workflow"):
            yield
    except MissingExtra as error:
        print(f"{who}: {error}", file=sys.stderr)
        sys.exit(EXIT_CODE)


def packages_of(name: str) -> set[str]:
    """The packages that an extra of this project brings, in lower case and with hyphens, and those of extras in it."""
    # Only here: stages start by this module, and it takes as long as they do.
    from importlib.metadata import PackageNotFoundError, requires

    packages: set[str] = set()
    try:
        lines = requires("ineq") or []
    except PackageNotFoundError:  # its code alone, not installed
        return packages
    for line in lines:
        if (asked := REQUIREMENT.match(line)) and asked["extra"] == name:
            inner = [one.strip() for one in (asked["extras"] or "").split(",")] if asked["name"] == "ineq" else []
            packages |= {_normal(asked["name"])}.union(*map(packages_of, inner))
    return packages - {"ineq"}


def _normal(name: str) -> str:
    """As package indexes compare names."""
    return re.sub(r"[-_.]+", "-", name).lower()
