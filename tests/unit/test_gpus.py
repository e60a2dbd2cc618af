"""GPUs are shared out by pretended ids: never two jobs on one, none idle while a job waits, none lost with a kill."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from ineq.engines.lock import checkout_lock
from ineq.errors import InputError
from ineq.planning.registry import STAGES
from ineq.runtime import gpus as module
from ineq.runtime.gpus import SHARED_BY, VISIBLE, acquire_gpu, gpus, meeting_place

JOB = """
import json, os, sys, time
from pathlib import Path
from ineq.runtime.gpus import VISIBLE, gpus, acquire_gpu
place, log, seconds = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
with acquire_gpu(gpus(), place) as name:
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
    with acquire_gpu(["0"], tmp_path, said.append):
        assert (tmp_path / "held.json").exists(), "written before it gave the GPU back"
    assert held.wait(20) == 0
    assert said == ["waits for the GPU: it is taken"]


NAMED = {
    "0,1": ["0", "1"],
    "": [],
    "-1": [],
    "3": ["3"],
    "0,-1,1": ["0"],
    "1, 2 ,3": ["1", "2", "3"],
    "0,one,1": ["0"],
    "2x,+1": ["2", "1"],
    "1,1": [],
    "01,2": ["1", "2"],
    "0,,1": ["0"],
    "GPU-a,GPU-b": ["GPU-a", "GPU-b"],
    "GPU-a,1": ["GPU-a"],
    "0,GPU-a": ["0"],
    "GPU-a,GPU-a": [],
    "MIG-a,MIG-b": ["MIG-a", "MIG-b"],
    "MIG-GPU-a/1/0,GPU-b": ["MIG-GPU-a/1/0"],
}
"""Values of the variable, and what CUDA makes of them."""


@pytest.mark.parametrize("value", NAMED)
def test_the_environment_says_which(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(VISIBLE, value)
    assert gpus() == NAMED[value]
    # torch has read it as CUDA does for years.
    assert [str(found) for found in torch.cuda._parse_visible_devices()] == NAMED[value]


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of a driver that knows no GPU yet; other drivers are not there."""
    monkeypatch.delenv(VISIBLE, raising=False)
    (tmp_path / "driver" / "gpus").mkdir(parents=True)
    monkeypatch.setattr(module, "DRIVER", tmp_path / "driver")
    monkeypatch.setattr(module, "OTHERS", (tmp_path / "dxg", tmp_path / "kfd"))
    return tmp_path / "driver"


def nvidia_smi(folder: Path, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command of that name that lists GPUs."""
    (folder / "bin").mkdir()
    command = folder / "bin" / "nvidia-smi"
    command.write_text(f'#!/bin/sh\n[ "$1" = -L ] && cat <<EOF\n{said}\nEOF\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")


def test_else_the_driver_does(driver: Path) -> None:
    assert gpus() == []
    for folder in ("0000:01:00.0", "0000:02:00.0"):
        (driver / "gpus" / folder).mkdir()
    assert gpus() == ["0", "1"]


SLICED = """GPU 0: NVIDIA H100 GPU (UUID: GPU-1)
  MIG 3g.40gb Device 0: (UUID: MIG-c0ffee)
  MIG 3g.40gb Device 1: (UUID: MIG-decaf)
GPU 1: NVIDIA H100 GPU (UUID: GPU-2)"""


def test_the_slices_of_a_gpu_are_used_one_by_one(driver: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (driver / "gpus" / "0000:01:00.0").mkdir()
    (driver / "capabilities/gpu0/mig/gi1/ci0").mkdir(parents=True)
    nvidia_smi(driver.parent, SLICED, monkeypatch)
    assert gpus() == ["MIG-c0ffee", "MIG-decaf", "GPU-2"]


def test_under_windows_the_command_is_asked(driver: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DRIVER", driver / "none")
    assert gpus() == []
    module.OTHERS[0].touch()
    nvidia_smi(driver.parent, "GPU 0: A Laptop GPU (UUID: GPU-1)\nGPU 1: NVIDIA H200 (UUID: GPU-2)", monkeypatch)
    assert gpus() == ["0", "1"]


def test_gpus_of_amd_are_counted(driver: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DRIVER", driver / "none")
    monkeypatch.setattr(module, "NODES", driver)
    for node, number in {"0": "0", "1": "4098", "2": "4099"}.items():
        (driver / node).mkdir()
        (driver / node / "gpu_id").write_text(f"{number}\n")
    (driver / "3").mkdir()  # one that may not be read
    module.OTHERS[1].touch()
    assert gpus() == [], "with a torch that is not for them"
    monkeypatch.setattr(module, "version", lambda name: "2.11.0+rocm7.0")
    assert gpus() == ["0", "1"], "the processor is a node, too"
    monkeypatch.setenv("ROCR_VISIBLE_DEVICES", "1")
    assert gpus() == [], "somebody has chosen already"


def test_several_jobs_may_have_a_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SHARED_BY, "2")
    held = [started(tmp_path / "place", tmp_path / f"{number}.json", "0", seconds=1.5) for number in range(3)]
    assert [job.wait(60) for job in held] == [0] * 3
    spans = sorted(json.loads(path.read_text())[1:] for path in tmp_path.glob("*.json"))
    (_, first_end), (second, _), (third, _) = spans
    assert second < first_end <= third, "two at once, and the third waits"


def test_a_free_gpu_comes_before_a_shared_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SHARED_BY, "2")
    with acquire_gpu(["0", "1"], tmp_path) as one, acquire_gpu(["0", "1"], tmp_path) as other:
        assert {one, other} == {"0", "1"}


@pytest.mark.parametrize("value", ["0", "two", "1.5", "-1", "100"])
def test_a_bad_number_of_jobs_is_refused(monkeypatch: pytest.MonkeyPatch, value: str, tmp_path: Path) -> None:
    monkeypatch.setenv(SHARED_BY, value)
    with (
        pytest.raises(InputError, match=f"{SHARED_BY} is '{value}', expected a whole number"),
        acquire_gpu(["0"], tmp_path),
    ):
        pass


def test_a_file_system_without_locks_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(
        InputError, match=r"can't be locked \(No locks available\), expected a file system with locks.*another disk"
    ):
        checkout_lock(checkout(tmp_path))
    with pytest.raises(InputError, match="TMPDIR"), acquire_gpu(["0"], tmp_path / "place"):
        pass


def checkout(folder: Path) -> Path:
    (folder / ".dvc").mkdir()
    return folder


def test_the_environment_is_put_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VISIBLE, raising=False)
    with acquire_gpu(["7"], tmp_path) as name:
        assert name == os.environ[VISIBLE] == "7"
    assert VISIBLE not in os.environ
    with acquire_gpu([], tmp_path / "unused") as nothing:
        assert nothing is None and VISIBLE not in os.environ
    assert not (tmp_path / "unused").exists()


def test_jobs_of_slurm_meet_among_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    alone = meeting_place()
    monkeypatch.setenv("SLURM_JOB_ID", "42")
    assert meeting_place() != alone and meeting_place().name.endswith("-42")


def test_what_runs_models_needs_a_gpu() -> None:
    found = {name for name, stage in STAGES.items() if stage.runs_model}
    assert {"train", "attribute", "attack", "random_attack", "robustness"} <= found
    assert not found & {"data", "sample", "inequality", "tables", "figures", "gallery", "report"}
