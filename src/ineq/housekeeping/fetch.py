"""Checkpoints of third parties, downloaded once, with the SHA-256 that their cards then hold them to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ineq.config.loader import editable, write_yaml
from ineq.config.study import Study
from ineq.errors import InputError
from ineq.io.download import download
from ineq.io.text import check_sum, file_digest
from ineq.runtime.console import Progress

MB = 10**6


def fetch(study: Study, say: Callable[[str], object]) -> None:
    """Make sure that every checkpoint of `convert.models` lies beside its card and is the one the card names.

    One that is missing is downloaded from the card's `origin.source`. A card that has no SHA-256 yet gets that of the
    file. Raises `InputError` with one line for each model whose file can't be had or is another one.
    """
    problems = []
    for model in study.parameters.convert.models:
        try:
            say(_fetch(study, model))
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n".join(problems))


def _fetch(study: Study, model: str) -> str:
    card = study.root / "models" / study.name / f"{model}.yaml"
    origin, target = study.cards[model].origin, card.with_suffix(".ckpt")
    assert origin is not None, "a study is refused whose converted models have none"
    if not target.exists():
        if origin.source is None:
            raise InputError(f"{target} is missing, and {card} names no source, expected the file there, put by hand")
        bar = Progress(f"fetch {model}", "MB")
        download(origin.source, target, lambda done, total: bar(done // MB, total // MB) if total >= MB else None)
    if origin.sha256 is None:
        _record(card, checksum := file_digest(target))
        return f"{target}: its SHA-256 {checksum} now stands on its card"
    check_sum(target, origin.sha256)
    return f"{target} is there, and the one its card names"


def _record(card: Path, digest: str) -> None:
    """Write the sum on the card, comments and order as they are."""
    content = editable(card)
    content["origin"]["sha256"] = digest
    write_yaml(card, content)
