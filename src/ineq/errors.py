"""The one error that a user's mistake becomes: a sentence, and exit code 2."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

EXIT_CODE = 2


class InputError(ValueError):
    """Bad input: one sentence that names the file or key, what was found and what is wanted."""


OUT_OF_MEMORY = re.compile("can't allocate memory|out of memory|(CUBLAS|CUDNN)_STATUS_ALLOC_FAILED", re.IGNORECASE)
DEVICE_FAILED = re.compile(
    "cuda (driver )?error(?!: device-side assert)|hip error(?!: device-side assert)|unable to find an engine"
    "|cudnn|cublas|cusolver|cusparse|cufft|miopen|rocblas",
    re.IGNORECASE,
)
"""What torch says when a GPU or its software fails, as a plain `RuntimeError`. An assert in its code is another matter:
it is of the values, such as a label that is no class."""


def of_device(error: Exception) -> bool:
    """Whether an error is of the device or its memory, and so not of what was given to it."""
    return bool(OUT_OF_MEMORY.search(str(error)) or DEVICE_FAILED.search(str(error)))


def first_line(error: Exception) -> str:
    """What another library's error says, as far as it fits into a sentence; its type's name where it says nothing."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def reason(error: Exception) -> str:
    """What an error of anybody's code says, in one line: its type, where that is a part of it, and its message.

    Of a traceback inside the message, as TorchScript has one, it is the last line.
    """
    lines = str(error).strip().splitlines()
    said = lines[-1 if any(line.startswith("Traceback") for line in lines) else 0] if lines else ""
    plain = said and type(error) in (AssertionError, RuntimeError, ValueError)
    return said if plain else ": ".join(filter(None, [type(error).__name__, said]))


def nearest(name: str, known: Iterable[str]) -> str:
    """A closing half-sentence with the known name closest to `name`, or an empty string."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean '{close[0]}'?" if close else ""


def refuse_unknown(what: str, name: str, known: Iterable[str]) -> None:
    """Raise `InputError` unless `name` is one of `known`."""
    known = sorted(known)
    if name not in known:
        raise InputError(f"unknown {what} '{name}', expected one of {', '.join(known)}{nearest(name, known)}")
