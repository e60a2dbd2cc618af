"""Warm start, sentence by sentence of `ineq.runtime.warm`, with an engine that is a script called `snakemake`."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from project import ROOT

ENGINE = """
import json, subprocess, sys
for line in sys.stdin:
    order = json.loads(line)
    done = subprocess.run(order.pop("command"), shell=True, capture_output=True, text=True, **order)
    print(json.dumps([done.returncode, done.stdout, done.stderr]), flush=True)
"""
JOB = """
import sys
from ineq.runtime.warm import hand_over
if __name__ == "__main__":
    hand_over()
    warm, known = "torch" in sys.modules, sorted(name for name in sys.modules if name.split(".")[0] == "ineq")
    import json, os, beside
    threads = len(os.listdir("/proc/self/task"))
    cuda = warm and sys.modules["torch"].cuda.is_initialized()
    facts = {"warm": warm, "known": known, "threads": threads, "cuda": cuda}
    facts |= {"argv": sys.argv, "cwd": os.getcwd(), "path": sys.path, "beside": beside.VALUE}
    facts |= {"own": os.environ.get("OWN"), "umask": os.umask(0)}
    print(json.dumps(facts))
    print("to stderr", file=sys.stderr)
    if "read" in sys.argv:
        print(sys.stdin.read())
    if "fail" in sys.argv:
        sys.exit(7)
    if "die" in sys.argv:
        os.kill(os.getpid(), 9)
"""
# As engines do, it waits for its job after Ctrl-C.
WAITING = """
import subprocess
job = subprocess.Popen(["python", "sleeper.py"])
while True:
    try:
        print(job.wait(), flush=True)
        break
    except KeyboardInterrupt:
        pass
"""
# It says what it is, and waits for a signal.
SLEEPER = """
import os, sys, time
from ineq.runtime.warm import hand_over
if __name__ == "__main__":
    if os.environ.get("INEQ_WARM") != "0":
        print("client", os.getpid(), flush=True)
    hand_over()
    supervisor = int(open("/proc/self/stat").read().rpartition(")")[2].split()[1])
    server = int(open(f"/proc/{supervisor}/stat").read().rpartition(")")[2].split()[1])
    try:
        print("job", os.getpid(), "server", server, "warm", int("torch" in sys.modules), flush=True)
        # In short pieces: a signal that comes just before a sleep does not end it.
        for _ in range(6000):
            time.sleep(0.01)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        sys.exit(130)
"""


def environment(first: str = "", **changes: str) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # A variable of pytest's changes from test to test.
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return {**own, "PATH": path, "PYTHONPATH": f"{first}:{ROOT / 'src'}", **changes}


class Engine:
    """A process that runs one command after another, as an engine runs jobs."""

    def __init__(self, folder: Path, *arguments: str):
        self.folder = folder
        (folder / "scripts").mkdir()
        # A module in the folder of scripts hides none of that name in a folder of the user, which PYTHONPATH has here.
        modules = {"beside.py": "VALUE = 1\n", "scripts/beside.py": "VALUE = 'hides the other one'\n"}
        for name, text in {"snakemake": ENGINE, "scripts/job.py": JOB, **modules}.items():
            (folder / name).write_text(text)
        (folder / "job.py").symlink_to("scripts/job.py")
        command = [sys.executable, str(folder / "snakemake"), *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
        )

    def run(self, command: str, **changes: str) -> tuple[int, str, str]:
        assert self.process.stdin and self.process.stdout
        order = {"command": command, "env": environment(**changes), "cwd": str(self.folder)}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return tuple(json.loads(self.process.stdout.readline()))

    def facts(self, arguments: str = "", **changes: str) -> dict[str, Any]:
        code, out, err = self.run(f"python job.py {arguments}", **changes)
        assert code == 0, err
        return json.loads(out.splitlines()[0])

    def sockets(self) -> list[Path]:
        return list((self.folder / ".ineq" / "warm").glob("*"))

    def end(self) -> None:
        self.process.communicate()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = Engine(tmp_path_factory.mktemp("engine"))
    yield engine
    engine.end()


def test_a_job_begins_with_libraries_and_nothing_of_ours(engine: Engine) -> None:
    for _ in range(2):
        facts = engine.facts()
        assert facts["warm"]
        # Its own import of the client, in the job itself.
        assert facts["known"] == ["ineq", "ineq.errors", "ineq.runtime", "ineq.runtime.warm"]
        assert facts["threads"] == 1 and not facts["cuda"]


def test_it_is_as_if_the_script_had_run_by_itself(engine: Engine) -> None:
    shown = []
    for warm in ("1", "0"):
        code, out, err = engine.run(
            "umask 027; echo given | python job.py one 'two three' read", INEQ_WARM=warm, OWN="1"
        )
        facts, *rest = out.splitlines()
        shown.append((code, {**json.loads(facts), "warm": None, "known": None, "threads": None}, rest, err))
    assert shown[0] == shown[1], "nothing of the interpreter's end either"
    assert shown[0][2] == ["given", ""] and shown[0][1]["umask"] == 0o027


@pytest.mark.parametrize(("how", "code"), [("fail", 7), ("die", 128 + 9)])
def test_a_client_ends_as_its_job_ends(engine: Engine, how: str, code: int) -> None:
    # The shell says 128 + 9 of a command that a signal ended.
    found, _, err = engine.run(f"python job.py {how}; exit $?")
    assert found == code and err.splitlines()[0] == "to stderr" and "Traceback" not in err


def test_code_edited_after_the_start_is_what_runs(engine: Engine) -> None:
    assert engine.facts()["beside"] == 1
    (engine.folder / "beside.py").write_text("VALUE = 22\n")
    facts = engine.facts()
    assert facts["warm"] and facts["beside"] == 22
    (engine.folder / "beside.py").write_text("VALUE = 1\n")


@pytest.mark.parametrize(
    "name", ["OMP_NUM_THREADS", "MKL_X", "ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "CUDA_VISIBLE_DEVICES", "ANY"]
)
def test_other_variables_run_by_themselves(engine: Engine, name: str) -> None:
    assert engine.facts()["warm"]
    other = {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41"}.get(name, "3")
    facts = engine.facts(**{name: other})
    assert not facts["warm"]


def test_other_limits_run_by_themselves(engine: Engine) -> None:
    code, out, _ = engine.run("ulimit -n 512; python job.py")
    assert code == 0 and not json.loads(out.splitlines()[0])["warm"]
    code, out, _ = engine.run("nice -n 5 python job.py")
    assert code == 0 and not json.loads(out.splitlines()[0])["warm"]


def test_it_is_off_where_it_is_not_wanted(engine: Engine, tmp_path: Path) -> None:
    assert not engine.facts(INEQ_WARM="0")["warm"]
    alone = subprocess.run(
        [sys.executable, "job.py"], cwd=engine.folder, env=environment(), capture_output=True, text=True, check=True
    )
    assert not json.loads(alone.stdout.splitlines()[0])["warm"], "no engine has started it"
    remote = Engine(tmp_path, "--mode", "remote")
    assert not remote.facts()["warm"], "a job of Slurm's, or of another executor"
    remote.end()
    assert not remote.sockets()


def gone(processes: list[int], seconds: float = 2) -> bool:
    """Whether none of them is there after so long; one that only waits to be reaped has ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not any(_runs(process) for process in processes):
            return True
        time.sleep(0.02)
    return False


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Sleeping:
    """An engine with one job, which sleeps: the processes by their names."""

    def __init__(self, folder: Path, **options: Any):
        for name in ("torch", "captum", "pandas", "matplotlib", "scipy"):
            # Empty, so that the server is ready at once.
            (folder / "empty" / name).mkdir(parents=True, exist_ok=True)
            (folder / "empty" / name / "__init__.py").touch()
        (folder / "snakemake").write_text(WAITING)
        (folder / "sleeper.py").write_text(SLEEPER)
        self.engine = subprocess.Popen(
            [sys.executable, "snakemake"],
            cwd=folder,
            env=environment(str(folder / "empty")),
            stdout=subprocess.PIPE,
            text=True,
            **options,
        )
        assert self.engine.stdout
        words = (self.engine.stdout.readline() + self.engine.stdout.readline()).split()
        self.processes = {name: int(number) for name, number in zip(words[::2], words[1::2], strict=True)}
        assert self.processes.pop("warm") and self.processes["job"] != self.processes["client"]
        self.processes["engine"] = self.engine.pid
        while not self._client_hands_on():
            time.sleep(0.01)

    def _client_hands_on(self) -> bool:
        """Whether the client catches SIGTERM by now; its job may have begun before."""
        status = Path(f"/proc/{self.processes['client']}/status").read_text()
        caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
        return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)

    def all(self, *but: str) -> list[int]:
        return [process for name, process in self.processes.items() if name not in but]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("who", ["client", "job", "server", "engine"])
def test_a_kill_ends_what_it_should(tmp_path: Path, who: str, how: signal.Signals) -> None:
    sleeping = Sleeping(tmp_path)
    os.kill(sleeping.processes[who], how)
    if who != "engine":
        # The fake engine ends with its job.
        assert sleeping.engine.stdout
        said = sleeping.engine.stdout.read().split()[-1]
        assert said == (str(-how) if who != "server" else "1")
    assert gone(sleeping.all())
    sleeping.engine.communicate()


def test_ctrl_c_in_a_terminal(tmp_path: Path) -> None:
    """The terminal's signal reaches engine and client; the job gets it from its client, and may clear up."""
    master, slave = pty.openpty()
    sleeping = Sleeping(tmp_path, stdin=slave, start_new_session=True, preexec_fn=lambda: _own_terminal(slave))
    os.write(master, b"\x03")
    assert sleeping.engine.stdout
    assert "interrupted" in sleeping.engine.stdout.read()
    sleeping.engine.communicate()
    for end in (master, slave):
        os.close(end)
    assert gone(sleeping.all())


def _own_terminal(terminal: int) -> None:
    import fcntl
    import termios

    # A shell that starts these tests in the background has them ignore it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)


def test_the_server_ends_with_its_engine(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    assert engine.facts()["warm"] and len(engine.sockets()) == 1
    started = subprocess.run(
        ["pgrep", "-f", f"warm.py .ineq/warm/{engine.process.pid}-"], capture_output=True, text=True
    )
    servers = [int(line) for line in started.stdout.split()]
    assert len(servers) == 1
    engine.end()
    assert gone(servers) and not engine.sockets()


def test_jobs_that_begin_together_share_a_server(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    code, out, err = engine.run("for i in 1 2 3; do python job.py > $i & done; wait; cat 1 2 3")
    assert code == 0, err
    assert [json.loads(line)["warm"] for line in out.splitlines()] == [True] * 3
    assert len(engine.sockets()) == 1
    engine.end()
