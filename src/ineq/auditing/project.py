"""The folder of an audit, `audits/<name>/`: a project of one small study, whose stages and data are this project's."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import ineq
from ineq.auditing.study import AuditRequest, beside_series, on_images
from ineq.config.fields import NAME
from ineq.config.loader import PARAMS, read_yaml, write_yaml
from ineq.errors import InputError
from ineq.io.text import file_digest
from ineq.runtime.locks import take_lock

FOLDER = Path("audits")
SHARED = ("Snakefile", "workflow", "profiles", "data")
"""What of the project the folder has links to."""


def project_root() -> Path:
    """The checkout whose stages audits run: the current folder if it is one, else that of this package's code.

    Raises `InputError` where there is none: an installed package has no stages.
    """
    for root in (Path("."), Path(ineq.__file__).resolve().parents[2]):
        # A folder of an audit has a Snakefile and a study, too.
        if (root / "Snakefile").is_file() and (root / "studies" / "base.yaml").is_file():
            return root
    raise InputError("no Snakefile is here, expected the project's folder, or ineq installed from it (`make env`)")


def audit_folder(name: str) -> Path:
    """The folder of the audit of this name, below the current one. Raises `InputError` for what can't be its name."""
    if not re.fullmatch(NAME, name):
        raise InputError(f"an audit cannot be called '{name}', expected letters, digits and . _ -, the first no sign")
    return FOLDER / name


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """No other audit of this name runs beside what is inside. Raises `InputError` where one does already.

    A folder for audits that wasn't there before, and is empty afterwards, is removed.
    """
    path, made = folder.parent / f".{folder.name}.lock", not folder.parent.exists()
    if os.path.lexists(folder) and not folder.is_dir():
        raise InputError(f"{folder} is no folder, expected one that an audit may be written to, or another --name")
    try:
        folder.parent.mkdir(exist_ok=True)
        lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise InputError(
            f"{folder.parent} can't be written to ({error.strerror}), expected a folder for audits"
        ) from None
    taken = take_lock(lock, path.parent, "a copy of the project on another disk has them, too")
    # One that its holder removed between the opening and the taking would lock nothing.
    if not (taken and path.exists() and os.path.samestat(os.fstat(lock), path.stat())):
        os.close(lock)
        raise InputError(f"{folder} is being audited by another process: wait for it, or give another --name")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(lock)
        if made:
            with suppress(OSError):  # there is something in it
                folder.parent.rmdir()


@contextmanager
def undone_if_refused(folder: Path) -> Iterator[None]:
    """With an error inside, the folder is afterwards as it was before, or not there; what is interrupted goes on."""
    folder.parent.mkdir(exist_ok=True)
    folder = folder.resolve()  # it may be a link to a larger disk
    kept = folder.parent / f".{folder.name}.before"
    shutil.rmtree(kept, ignore_errors=True)  # of an audit that was killed
    if folder.exists():
        # Links, which take no room: whatever writes there makes new files, and leaves these.
        shutil.copytree(folder, kept, symlinks=True, copy_function=_linked)
    try:
        yield
    except Exception:
        shutil.rmtree(folder, ignore_errors=True)
        if kept.exists():
            kept.rename(folder)
        raise
    finally:
        shutil.rmtree(kept, ignore_errors=True)


def write_project(root: Path, folder: Path, request: AuditRequest) -> list[str]:
    """Write the study of an audit into its folder, with its cards and checkpoints.

    Returns sentences on images that are left out, and on what an earlier audit of this name had, and is now replaced.
    Raises `InputError` where the parameters there have been edited: they would be lost.
    """
    name = folder.name
    _refuse_edited(folder)
    before = _contents(folder)
    cards_folder = folder / "models" / name
    for made in (folder / ".dvc", folder / "studies", cards_folder):  # a run's lock lies in the first
        made.mkdir(parents=True, exist_ok=True)
    for shared in SHARED:
        _link(root / shared, folder / shared)
    lines: list[str] = []
    if request.study:
        content, cards = beside_series(root, name, request)
    else:
        content, cards = on_images(root, folder, name, request, lines.append)
    for model, card in cards.items():
        write_yaml(cards_folder / f"{model}.yaml", card)
        if model in request.names:
            continue
        for file in sorted((root / "models" / request.study).glob(f"{model}.*")):
            if file.suffix != ".yaml":
                _link(file, cards_folder / file.name)
    for model, subject in zip(request.names, request.subjects, strict=True):
        # A new file, since the old one may be linked; and never without one, since the checkpoint may be the old one.
        new = cards_folder / f".{model}.new"
        shutil.copyfile(subject.checkpoint, new)
        new.replace(cards_folder / f"{model}.ckpt")
    _write_study(folder, content)
    now = _contents(folder)
    other = [what for what, digests in before.items() if digests and digests != now[what]]
    if other:
        lines.append(f"{folder} was an audit of other {' and '.join(other)}: its results will be replaced")
    return lines


def ask_for_fewer(folder: Path, images: int) -> None:
    """Sample and attack so many images only."""
    content = read_yaml(folder / PARAMS)
    content["sample"]["size"] = content["attack"]["images"] = images
    _write_study(folder, content)


def _write_study(folder: Path, content: dict[str, Any]) -> None:
    """Write parameters as the folder's one study, and as its current one."""
    write_yaml(folder / "studies" / f"{content['study']}.yaml", content)
    write_yaml(folder / PARAMS, content)


def _contents(folder: Path) -> dict[str, dict[str, str]]:
    """Digests of the checkpoints and the images in the folder, by their names."""
    files = {"weights": folder.glob("models/*/*.ckpt"), "images": (folder / "images").rglob("*.*")}
    return {
        what: {str(path): file_digest(path) for path in sorted(paths) if path.is_file()}
        for what, paths in files.items()
    }


def _refuse_edited(folder: Path) -> None:
    written, current = folder / "studies" / f"{folder.name}.yaml", folder / PARAMS
    if written.is_file() and current.is_file() and read_yaml(written) != read_yaml(current):
        raise InputError(
            f"{current} was edited, and an audit of this name would write it anew: run `snakemake --cores all all` in "
            f"{folder} for what it asks for, or give the audit another --name"
        )


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without such links
        shutil.copyfile(source, target)


def _link(source: Path, target: Path) -> None:
    """Relative, so that the project can be moved; from where the folder really is, for a link may lead there."""
    if not target.is_symlink():
        target.symlink_to(os.path.relpath(source.parent.resolve() / source.name, target.parent.resolve()))
