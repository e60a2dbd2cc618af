"""What a stage says: bars on a terminal, lines in a log, and both in the file."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from ineq.errors import InputError
from ineq.pipeline.console import Progress, logged, say, told


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def work(path: Path, monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> tuple[str, str]:
    monkeypatch.setattr(sys, "stderr", stream)
    with logged(path):
        progress = Progress("train standard", "batches")
        for done in range(3, 8):  # resumed: two are done already
            progress(done, 7)
        say("a line")
    return stream.getvalue(), path.read_text()


def test_a_log_gets_a_last_line_of_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said, log = work(tmp_path / "runs" / "job.log", monkeypatch, io.StringIO())
    assert said == log and "\r" not in log
    first, second = log.splitlines()
    assert first.startswith("train standard: 7/7 batches, ") and first.endswith("left") and second == "a line"


def test_a_terminal_gets_a_bar_and_the_log_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said, log = work(tmp_path / "job.log", monkeypatch, Terminal())
    assert "\r" in said and "%|" in said
    assert len(log.splitlines()) == 2 and "\r" not in log


@pytest.mark.parametrize(("error", "code", "lines"), [(InputError("is bad"), 2, 1), (KeyboardInterrupt(), 130, 1)])
def test_bad_input_is_one_line(error, code, lines, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, logged(tmp_path / "log"), told("data", "data failed"):
        raise error
    assert ended.value.code == code
    assert capsys.readouterr().err == (tmp_path / "log").read_text()
    assert len((tmp_path / "log").read_text().splitlines()) == lines


def test_the_unexpected_is_a_traceback_and_where_the_log_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, logged(tmp_path / "log"), told("data", "data failed: see log"):
        raise ZeroDivisionError
    assert ended.value.code == 1
    said = (tmp_path / "log").read_text()
    assert "Traceback" in said and said.splitlines()[-1] == "data failed: see log"
    assert capsys.readouterr().err == said
