"""What was found in a file is looked for again when the file, or the way of looking, is another."""

from __future__ import annotations

from pathlib import Path

import pytest

from ineq.provenance.file_hashes import CachedByFile, written

LOOKS: list[Path] = []


def _words(path: Path) -> list:
    LOOKS.append(path)
    return path.read_text().split()


def _ask(cache: Path, path: Path, *way: str) -> tuple[list, bool]:
    """What a new process would be told, and whether it had to look."""
    LOOKS.clear()
    words = CachedByFile(cache, list, _words, lambda path: [*written(path), *way])
    answer = words(path)
    words.save()
    return answer, bool(LOOKS)


def test_a_second_look_only_at_what_changed(tmp_path: Path) -> None:
    cache, path = tmp_path / "caches" / "words.json", tmp_path / "text"
    path.write_text("one two")
    assert _ask(cache, path) == (["one", "two"], True)
    assert _ask(cache, path) == (["one", "two"], False)
    path.write_text("one three")
    assert _ask(cache, path) == (["one", "three"], True)
    assert _ask(cache, path, "another way") == (["one", "three"], True)


@pytest.mark.parametrize("spoilt", ["", "{", "[]", '{"PATH": 1}', '{"PATH": [MARK, "one two"]}', "[" * 100_000])
def test_a_spoilt_cache_costs_a_look(tmp_path: Path, spoilt: str) -> None:
    cache, path = tmp_path / "words.json", tmp_path / "text"
    path.write_text("one two")
    cache.write_text(spoilt.replace("PATH", str(path)).replace("MARK", str(written(path))))
    assert _ask(cache, path) == (["one", "two"], True)
    assert _ask(cache, path) == (["one", "two"], False)
