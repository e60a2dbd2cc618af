"""What a stage says: bars on a terminal, lines in a log, and both in the file."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from ineq.errors import InputError
from ineq.models.forward import predict_logits
from ineq.runtime.console import Progress, exit_on_error, logged, say


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
    with pytest.raises(SystemExit) as ended, logged(tmp_path / "log"), exit_on_error("data", "data failed"):
        raise error
    assert ended.value.code == code
    assert capsys.readouterr().err == (tmp_path / "log").read_text()
    assert len((tmp_path / "log").read_text().splitlines()) == lines


MEMORY = {
    ("predict", "CUDA out of memory. Tried to allocate 20.00 GiB."): "runtime.gpu_batch_size",
    ("train", "CUDA out of memory. Tried to allocate 20.00 GiB."): "train.batch_size",
    ("prune", "[enforce fail] DefaultCPUAllocator: can't allocate memory"): "train.batch_size",
    ("occlusion", "[enforce fail] DefaultCPUAllocator: can't allocate memory"): "runtime.batch_size",
    ("noise", "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"): "runtime.gpu_batch_size",
    ("noise", "HIP out of memory. Tried to allocate 1 GiB."): "runtime.gpu_batch_size",
}
"""Of whose memory there was too little, and the parameter that helps."""
FAILURES = (
    "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
    "CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling cublasSgemm",
    "CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be reported later",
    "CUDA error: no kernel image is available for execution on the device",
    "CUDA driver error: device not ready",
    "GET was unable to find an engine to execute this computation",
    "miopenStatusUnknownError",
)
"""A GPU, or its software, that failed."""


def ended_with(error: Exception, stage: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended, exit_on_error(stage, f"{stage} failed"):
        raise error
    assert ended.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize(("stage", "said"), MEMORY)
def test_too_little_memory_names_the_parameter_that_helps(stage: str, said: str, capsys) -> None:
    line = ended_with(RuntimeError(said), stage, capsys)
    assert line.startswith(f"{stage}: out of memory; a smaller `{MEMORY[stage, said]}` takes less: ")


@pytest.mark.parametrize("said", FAILURES)
def test_a_gpu_that_fails_is_called_so(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    line = ended_with(RuntimeError(said), "noise", capsys)
    assert line.startswith("noise: the GPU or its software failed, not what this stage was given")
    assert "`runtime.gpu_batch_size`" in line and line.endswith(said.splitlines()[0])


def test_an_assert_on_a_gpu_is_not_called_so(capsys: pytest.CaptureFixture[str]) -> None:
    """A label that is no class ends like this."""
    with pytest.raises(SystemExit), exit_on_error("attack_plugin", "attack_plugin failed: see log"):
        raise RuntimeError("CUDA error: device-side assert triggered")
    said = capsys.readouterr().err
    assert "Traceback" in said and said.splitlines()[-1] == "attack_plugin failed: see log"


def test_what_looks_like_the_machines_fault_has_its_traceback_in_the_log(tmp_path: Path) -> None:
    with pytest.raises(SystemExit), logged(tmp_path / "log"), exit_on_error("noise", "noise failed"):
        raise RuntimeError("CUDA out of memory.")
    lines = (tmp_path / "log").read_text().splitlines()
    assert lines[0].startswith("Traceback") and lines[-1].startswith("noise: out of memory")


@pytest.mark.parametrize("said", [said for _, said in MEMORY] + list(FAILURES))
def test_nor_is_the_input_blamed_for_it(said: str) -> None:
    class Failing(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            raise RuntimeError(said)

    with pytest.raises(RuntimeError, match=re.escape(said.splitlines()[0])) as raised:
        predict_logits(Failing(), torch.zeros(1, 1, 2, 2))
    assert type(raised.value) is RuntimeError


def test_the_unexpected_is_a_traceback_and_where_the_log_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, logged(tmp_path / "log"), exit_on_error("data", "data failed: see log"):
        raise ZeroDivisionError
    assert ended.value.code == 1
    said = (tmp_path / "log").read_text()
    assert "Traceback" in said and said.splitlines()[-1] == "data failed: see log"
    assert capsys.readouterr().err == said


AS_IN_PYTHON_314 = """
import multiprocessing.resource_tracker
multiprocessing.set_start_method("forkserver")
from ineq.runtime.console import Progress
Progress("train standard", "batches")(1, 7)
print(multiprocessing.resource_tracker._resource_tracker._fd)
"""


def test_progress_starts_no_process_that_says_what_was_left_behind() -> None:
    done = subprocess.run([sys.executable, "-c", AS_IN_PYTHON_314], capture_output=True, text=True, check=True)
    assert done.stdout == "None\n"
