"""What a checkout's folder must be, so that engines can work in it."""

from __future__ import annotations

import os
from pathlib import Path

from ineq.engines.lock import LOCK
from ineq.errors import InputError
from ineq.provenance.file_hashes import CACHES


def refuse_read_only() -> None:
    """Raise `InputError` in a checkout where Snakemake can keep no notes, not even on what a dry run looks at."""
    for folder in (Path(".snakemake"), CACHES, Path("results"), LOCK.parent):
        # A job's own engine may be where there is nothing of DVC's.
        there = next(place for place in (folder, *folder.parents) if place.exists())
        if not os.access(there, os.W_OK):
            raise InputError(
                f"{there.absolute()} can't be written to, as Snakemake and its jobs have to: make it writable, or copy "
                "the project; `ineq explain FILE` only reads"
            )


def refuse_braces() -> None:
    """Raise `InputError` in a folder in whose path both engines would look for variables."""
    folder = str(Path.cwd())
    if {*"{}"} & {*folder}:
        raise InputError(
            f"the project is in {folder}, expected a path without braces, which Snakemake and DVC take for variables: "
            "rename or move the folder"
        )
