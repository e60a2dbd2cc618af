"""Files from the network: what is there already is not fetched again, and a broken download goes on where it ended."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

from ineq.errors import InputError

CHUNK = 2**20
TIMEOUT = 30
"""Seconds without an answer."""


def download(source: str, target: Path, progress: Callable[[int, int], object] = lambda done, total: None) -> None:
    """Fetch `source` (http or https) to `target`; what has come so far lies in `<target>.part` until it is whole.

    `progress` gets the bytes done and, where the server says, of how many, else 0. Raises `InputError` where the file
    can't be had, with what to put where by hand.
    """
    part = target.with_name(f"{target.name}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _fetch(source, part, progress)
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise InputError(
            f"{source} can't be fetched ({reason}), expected its file at {target}, put there by hand"
        ) from None
    part.replace(target)


def _fetch(source: str, part: Path, progress: Callable[[int, int], object]) -> None:
    if not source.startswith(("http://", "https://")):
        raise ValueError("expected an address that begins with http:// or https://")
    done = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(source, headers={"Range": f"bytes={done}-"} if done else {})
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        # Asked for what comes after the end: nothing was missing but the new name.
        if error.code == 416 and error.headers.get("Content-Range", "") == f"bytes */{done}":
            return
        raise
    with answer, part.open("ab" if answer.status == 206 else "wb") as file:
        done = file.tell()
        total = done + int(answer.headers.get("Content-Length") or -done)
        while block := answer.read(CHUNK):
            file.write(block)
            done += len(block)
            progress(done, total)
    if total and done != total:
        raise OSError(f"it ended after {done} of {total} bytes; the same command goes on from there")
