"""A SHA-256 of a whole HDF5 file, in the block before its content that the format leaves to its users.

It is looked at before the file is opened: a few flipped bits can keep HDF5's own library in a loop for ever.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

BLOCK = 512
"""Bytes of the block: the smallest that HDF5 knows (its argument `userblock_size`)."""
MARK = b"ineq sha256 "


def write_checksum(path: Path) -> None:
    """Write the sum of what follows the block into the block."""
    block = _block(path)
    with open(path, "r+b") as file:
        file.write(block)


def checksum_error(path: Path) -> str:
    """What is wrong with a file, as the rest of a sentence; empty if it is, byte for byte, the one that ineq wrote."""
    try:
        with open(path, "rb") as file:
            block = file.read(BLOCK)
        if not block.startswith(MARK):
            return "is no HDF5 file that ineq wrote"
        return "" if block == _block(path) else "does not fit its own checksum"
    except OSError as error:
        return f"can't be read ({error.strerror})"


def _block(path: Path) -> bytes:
    with open(path, "rb") as file:
        file.seek(BLOCK)
        return (MARK + hashlib.file_digest(file, "sha256").hexdigest().encode()).ljust(BLOCK, b"\0")
