"""Records of any content: what they are about counts as stale, with a reason, and nobody falls over them."""

from __future__ import annotations

import json
import os
import runpy
from pathlib import Path

import pytest
from cases import cases, command_line, refused
from hostile import broken, spoilt, value
from hypothesis import given
from hypothesis import strategies as st

from ineq.cli import main
from ineq.config.study import Study, load_study
from ineq.engines.adopt import verify
from ineq.planning.jobs import jobs
from ineq.provenance.explain import explain, shown
from ineq.provenance.records import causes
from ineq.provenance.stale import stale_jobs

RECORD, DATA = "results/tiny/data/record.json", "results/tiny/data/data.h5"
RUN = "results/tiny/.runs/data.json"


@pytest.fixture(scope="module")
def made(place: Path, known_code: None) -> Path:
    """A project in which the data are made, and nothing else."""
    assert refused(command_line(lambda: script("data"), "data.py"), place) == ""
    return place


@pytest.fixture(scope="module")
def study(made: Path) -> Study:
    return load_study(made)


def script(stage: str) -> None:
    runpy.run_path(f"workflow/scripts/{stage}.py", run_name="__main__")


def looked_at(study: Study) -> None:
    """All that reads a record: planning, explaining and adopting."""
    here = Study(Path("."), study.parameters, study.cards)
    stale_jobs(causes(jobs(here)))
    found = explain(here, Path(DATA))
    shown(found).encode("utf-8")
    json.dumps(found)
    verify(here)


def with_content(made: Path, study: Study, name: str, content: bytes) -> set[str]:
    """What is stale where a file has this content; afterwards it has its own again."""
    path = made / name
    before, stat = path.read_bytes(), path.stat()
    path.write_bytes(content)
    try:
        sentence = refused(lambda: looked_at(study), made)
        assert sentence.startswith("nothing adopted: ") and sentence.count("\n") == 0
        here = Study(Path("."), study.parameters, study.cards)
        stale: dict = {}
        assert refused(lambda: stale.update(stale_jobs(causes(jobs(here)))), made) == ""
        return set(stale)
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def same(first: bytes, second: bytes) -> bool:
    """Whether two JSON files say the same, as far as records are compared."""
    try:
        return json.dumps(json.loads(first), sort_keys=True) == json.dumps(json.loads(second), sort_keys=True)
    except (ValueError, RecursionError):
        return False


@cases(8)
@given(st.data())
def test_records_of_any_content(made: Path, study: Study, data: st.DataObject) -> None:
    good = (made / RECORD).read_bytes()
    content = json.dumps(data.draw(spoilt(json.loads(good)) | value)).encode()
    content = data.draw(st.just(content) | st.just(content) | broken(good))
    stale = with_content(made, study, RECORD, content)
    relevant = {"parameters", "code", "inputs", "outputs"}
    if same(content, good):
        assert stale == set()
    elif not _only_beside(content, good, relevant):
        assert stale == {"data"}


def _only_beside(content: bytes, good: bytes, relevant: set[str]) -> bool:
    """Whether nothing that makes an artefact stale differs."""
    try:
        ours, theirs = json.loads(content), json.loads(good)
    except (ValueError, RecursionError):
        return False
    if not isinstance(ours, dict):
        return False
    return same(*(json.dumps({key: one.get(key) for key in relevant}).encode() for one in (ours, theirs)))


@cases(4)
@given(st.sampled_from((RUN, ".ineq/hashes.json")), st.data())
def test_what_is_kept_beside_records_may_be_anything(made: Path, study: Study, name: str, data: st.DataObject) -> None:
    good = (made / name).read_bytes()
    content = json.dumps(data.draw(spoilt(json.loads(good)) | value)).encode()
    with_content(made, study, name, data.draw(st.just(content) | broken(good)))


ODD = {
    "deep": b"[" * 100_000,
    "deep parameters": b'{"stage": "data", "axes": {}, "parameters": {"study": ' + b"[" * 900 + b"]" * 900 + b"}}",
    "a number": b"3",
    "numbers": b'{"stage": 1, "axes": 2, "parameters": 3, "code": 4, "inputs": 5, "outputs": 6}',
    "a surrogate": b'{"stage": "data", "axes": {}, "parameters": {"\\ud800": NaN}, "code": {"modules": {}, '
    b'"packages": {"\\udfff": [1]}}, "inputs": {"\\u001b[2J": 1}, "outputs": {"x": Infinity}}',
}


@pytest.mark.parametrize("name", ODD)
def test_what_once_was_a_traceback(made: Path, study: Study, name: str) -> None:
    assert with_content(made, study, RECORD, ODD[name]) == {"data"}


def test_a_stage_takes_no_input_without_a_whole_record(made: Path) -> None:
    """Nor one that is not what the record names: cut off, edited, or left by a job that was killed."""
    run = command_line(lambda: script("subset"), "subset.py")
    for name, content, sentence in (
        (RECORD, b"{", "record.json is missing or not readable: rerun the stage that writes results/tiny/data/data.h5"),
        (
            DATA,
            (made / DATA).read_bytes()[:-9],
            "data.h5 is not the file that its record names: rerun the stage 'data'",
        ),
    ):
        before = (made / name).read_bytes()
        (made / name).write_bytes(content)
        found = refused(run, made)
        assert found.startswith("subset: results/tiny/data/") and found.endswith(sentence) and "\n" not in found
        (made / name).write_bytes(before)


def test_a_pipe_is_not_waited_for(made: Path) -> None:
    (made / "data" / "digits.md").rename(made / "data" / "kept")
    os.mkfifo(made / "data" / "digits.md")
    found = refused(command_line(main, "ineq", "explain", DATA), made)
    assert found == "data/digits.md is a pipe or a device, expected a file or a folder" or found.endswith("a folder")
    (made / "data" / "digits.md").unlink()
    (made / "data" / "kept").rename(made / "data" / "digits.md")
