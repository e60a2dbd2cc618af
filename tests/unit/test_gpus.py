"""GPUs are shared out by pretended ids: never two jobs on one, none idle while a job waits, none lost with a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from ineq.pipeline import gpus as module
from ineq.pipeline.gpus import VISIBLE, gpus, meeting_place, needs_gpu, one_of
from ineq.pipeline.registry import STAGES

JOB = """
import json, os, sys, time
from pathlib import Path
from ineq.pipeline.gpus import VISIBLE, gpus, one_of
place, log, seconds = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
with one_of(gpus(), place) as name:
    assert os.environ[VISIBLE] == name
    began = time.time()
    log.with_suffix(".begun").touch()
    time.sleep(seconds)
    log.write_text(json.dumps([name, began, time.time()]))
"""


def started(place: Path, log: Path, ids: str, seconds: float = 0.3) -> subprocess.Popen[bytes]:
    environment = {**os.environ, VISIBLE: ids}
    return subprocess.Popen([sys.executable, "-c", JOB, str(place), str(log), str(seconds)], env=environment)


def test_jobs_share_out_the_gpus(tmp_path: Path) -> None:
    jobs = [started(tmp_path / "place", tmp_path / f"{number}.json", "GPU-a,GPU-b") for number in range(6)]
    assert [job.wait(60) for job in jobs] == [0] * 6
    spans = sorted(json.loads(path.read_text()) for path in tmp_path.glob("*.json"))
    assert {name for name, *_ in spans} == {"GPU-a", "GPU-b"} and len(spans) == 6
    for (name, _, end), (other, begin, _) in pairwise(spans):
        assert name != other or end <= begin, "two jobs at once on one GPU"


def test_a_killed_job_keeps_nobody_waiting(tmp_path: Path) -> None:
    place = tmp_path / "place"
    held = started(place, tmp_path / "held.json", "0", seconds=60)
    while not (tmp_path / "held.begun").exists():
        time.sleep(0.05)
    waiting = started(place, tmp_path / "next.json", "0", seconds=0)
    time.sleep(1)
    assert waiting.poll() is None and not (tmp_path / "next.begun").exists(), "it waits"
    held.send_signal(signal.SIGKILL)
    held.wait()
    assert waiting.wait(20) == 0 and json.loads((tmp_path / "next.json").read_text())[0] == "0"


def test_a_waiting_job_says_so_once(tmp_path: Path) -> None:
    said: list[str] = []
    held = started(tmp_path, tmp_path / "held.json", "0", seconds=1.5)
    while not (tmp_path / "held.begun").exists():
        time.sleep(0.05)
    with one_of(["0"], tmp_path, said.append):
        assert (tmp_path / "held.json").exists(), "written before it gave the GPU back"
    assert held.wait(20) == 0
    assert said == ["waits for the GPU: it is taken"]


@pytest.mark.parametrize(
    ("visible", "found"), [("0,1", ["0", "1"]), ("", []), ("-1", []), (" GPU-a , ", ["GPU-a"]), ("3", ["3"])]
)
def test_the_environment_says_which(monkeypatch: pytest.MonkeyPatch, visible: str, found: list[str]) -> None:
    monkeypatch.setenv(VISIBLE, visible)
    assert gpus() == found


def test_else_the_driver_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VISIBLE, raising=False)
    monkeypatch.setattr(module, "DRIVER", tmp_path / "none")
    assert gpus() == []
    for folder in ("0000:01:00.0", "0000:02:00.0"):
        (tmp_path / folder).mkdir()
    monkeypatch.setattr(module, "DRIVER", tmp_path)
    assert gpus() == ["0", "1"]


def test_the_environment_is_put_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VISIBLE, raising=False)
    with one_of(["7"], tmp_path) as name:
        assert name == os.environ[VISIBLE] == "7"
    assert VISIBLE not in os.environ
    with one_of([], tmp_path / "unused") as nothing:
        assert nothing is None and VISIBLE not in os.environ
    assert not (tmp_path / "unused").exists()


def test_jobs_of_slurm_meet_among_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    alone = meeting_place()
    monkeypatch.setenv("SLURM_JOB_ID", "42")
    assert meeting_place() != alone and meeting_place().name.endswith("-42")


def test_what_runs_models_needs_a_gpu() -> None:
    found = {name for name, stage in STAGES.items() if needs_gpu(stage)}
    assert {"train", "attribute", "occlusion", "robustness"} <= found
    assert not found & {"data", "sample", "inequality", "tables", "figures", "gallery", "report"}
