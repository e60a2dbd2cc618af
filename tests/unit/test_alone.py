"""The lock of a checkout: one holder, gone with its process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ineq.engines import lock as module
from ineq.engines.lock import BUSY, checkout_lock
from ineq.errors import InputError


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    (tmp_path / ".dvc").mkdir()


def test_elsewhere_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    os.close(checkout_lock(tmp_path / "elsewhere"))
    assert not list((tmp_path / "elsewhere").iterdir())


def test_one_at_a_time(tmp_path: Path) -> None:
    lock = checkout_lock(tmp_path)
    with pytest.raises(InputError, match=f"^process {os.getpid()} is at work in this checkout: wait until"):
        checkout_lock(tmp_path)
    os.close(lock)
    os.close(checkout_lock(tmp_path))


HOLD = """
import subprocess, sys, time
from pathlib import Path
from ineq.engines.lock import checkout_lock
lock = checkout_lock(Path(sys.argv[1]))
print(subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).pid, flush=True)
time.sleep(60)
"""


def test_a_killed_holder_keeps_nobody_waiting_nor_does_its_child(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    child = int(holder.stdout.readline())
    with pytest.raises(InputError, match=f"process {holder.pid} "):
        checkout_lock(tmp_path)
    holder.kill()
    holder.communicate()
    os.close(checkout_lock(tmp_path))
    os.kill(child, 9)


@pytest.mark.parametrize(
    ("content", "busy"),
    [
        (json.dumps({"write": {"results": {"pid": os.getpid(), "cmd": "dvc repro"}}, "read": {}}), True),
        (json.dumps({"write": {"results": {"pid": 2**22 + 1, "cmd": "dvc repro"}}, "read": {}}), False),
        (json.dumps({"read": {"results": [{"pid": os.getpid(), "cmd": "dvc repro"}]}}), False),
        (json.dumps({"write": ["no entry"]}), False),
        (json.dumps([1]), False),
        ("{", False),
    ],
    ids=["writes", "killed", "reads", "a list", "no sections", "no JSON"],
)
def test_a_job_of_dvc_counts_while_its_engine_lives(tmp_path: Path, content: str, busy: bool) -> None:
    (tmp_path / BUSY).parent.mkdir()
    (tmp_path / BUSY).write_text(content)
    if not busy:
        os.close(checkout_lock(tmp_path))
        return
    for _ in range(2):  # and the lock is given back
        with pytest.raises(InputError, match=f"^DVC, process {os.getpid()}, is at work"):
            checkout_lock(tmp_path)


def test_dvcs_own_commands_take_the_same_lock(tmp_path: Path) -> None:
    from dvc.lock import Lock, LockError

    lock, theirs = checkout_lock(tmp_path), Lock(str(tmp_path / module.LOCK))
    with pytest.raises(LockError, match="Unable to acquire lock"):
        theirs.lock()
    os.close(lock)
    with theirs, pytest.raises(InputError, match=f"process {os.getpid()} is at work"):
        checkout_lock(tmp_path)
