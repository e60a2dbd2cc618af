"""Warm start: one process imports the libraries once, and forks for each job of an engine's run.

A job's script is a client: it hands arguments, environment, working folder and the three streams to the server, and
ends as its job ends. The first job of a run of Snakemake or DVC starts the server, which lives as long as that engine.
The server knows libraries only, no module of `ineq`: the code that runs is the code that is there when the job starts.
It serves clients of its own surroundings (environment, limits, control group); another one, one that no engine on this
machine has started, and every one with `INEQ_WARM=0` runs by itself. Clients import the standard library only.
"""

import contextlib
import importlib
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any, NoReturn

FOLDER = Path(".ineq/warm")
ENGINES = {"snakemake", "dvc"}
LIBRARIES = """numpy torch captum.attr pandas h5py safetensors.torch pydantic ruamel.yaml tqdm concurrent.futures
    torch.fx.experimental.optimization torch.nn.utils.prune scipy.special
    matplotlib.figure matplotlib.backends.backend_agg matplotlib.backends.backend_svg"""
FREE = {"_", "SHLVL", "PWD", "OLDPWD", "DVC_STAGE"}  # these differ from job to job, and no library reads them


def hand_over() -> None:
    """Have the engine's server run this script, and end as it ends; return where the script is to run by itself."""
    if not sys.flags.safe_path and sys.path[0] == os.path.dirname(os.path.realpath(sys.argv[0])):
        # The script's folder, whose names would hide modules of the user and of packages.
        del sys.path[0]
    if os.environ.get("INEQ_WARM") == "0" or not hasattr(os, "pidfd_open"):
        return
    job = ""
    with contextlib.suppress(OSError):
        if engine := _engine():
            if not os.path.exists(address := str(FOLDER / f"{engine[0]}-{engine[1]}")):
                _start(address, *engine)
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(address)
            os.umask(umask := os.umask(0))
            request = {"argv": sys.argv, "folder": os.getcwd(), "environment": dict(os.environ), "umask": umask}
            socket.send_fds(connection, [b"."], [0, 1, 2])
            connection.sendall(json.dumps({**request, "surroundings": _surroundings()}).encode() + b"\n")
            answers = connection.makefile()
            job = answers.readline()
    # From here on it runs, or has run, and must not run again.
    if job:
        _wait(int(job), answers)


def _wait(job: int, answers: Any) -> NoReturn:
    """Hand signals on to the job, and end as it does."""

    def hand_on(number: int, _: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(job, number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, hand_on)
    if not (status := answers.readline()):
        os.write(2, b"the process that ran this job was killed, and the job with it: run it again\n")
        os._exit(1)
    if (code := os.waitstatus_to_exitcode(int(status))) < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def _engine() -> tuple[int, str] | None:
    """Process and start of the engine above this one; None where it is none, or itself a job of one elsewhere."""
    process = os.getppid()
    while process > 1:
        command = Path(f"/proc/{process}/cmdline").read_text(errors="replace").split("\0")
        parent, start = _parent_and_start(process)
        if "python" in os.path.basename(command[0]) and ENGINES & {os.path.basename(part) for part in command[1:3]}:
            return None if "--mode" in command else (process, start)
        process = parent


def _parent_and_start(process: int) -> tuple[int, str]:
    # The name before the last bracket may hold anything.
    fields = Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2].split()
    return int(fields[1]), fields[19]


def _surroundings() -> list[Any]:
    """What a child of the server has from it and can't be given, so that it has to be the client's own already."""
    variables = {name: value for name, value in os.environ.items() if name not in FREE}
    bounds = [Path(f"/proc/self/{name}").read_text() for name in ("limits", "cgroup")]
    return [sys.executable, sys.version, variables, *bounds, sorted(os.sched_getaffinity(0)), os.nice(0)]


def _start(address: str, engine: int, start: str) -> None:
    """Start the server, unless another job has just done so. It listens at once: clients wait while it imports."""
    import subprocess

    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in FOLDER.iterdir():
        if not Path("/proc", left.name.partition("-")[0]).exists():
            left.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(temporary := f"{address}.{os.getpid()}")
        listener.listen(128)
        # -P: no module beside this file is found in the place of the standard library's.
        command = [sys.executable, "-P", __file__, address, str(engine), start, str(door := listener.fileno())]
        no = subprocess.DEVNULL
        with contextlib.suppress(FileExistsError):
            # At once or not at all: who finds the name can connect.
            os.link(temporary, address)
            subprocess.Popen(command, stdin=no, stdout=no, stderr=no, pass_fds=[door], start_new_session=True)
        os.unlink(temporary)


def _serve(address: str, engine: int, start: str, door: int) -> str:
    """In a child, the script that it is to run; the server itself never returns."""
    surroundings, alive, listener = _surroundings(), os.pidfd_open(engine), socket.socket(fileno=door)

    def end_with_engine(*_: object) -> None:
        """All that this process has forked is in its group, or ends with what is."""
        if select.select([alive], [], [], 0)[0] or _parent_and_start(engine)[1] != start:
            os.unlink(address)
            os.killpg(0, signal.SIGKILL)

    signal.signal(signal.SIGALRM, end_with_engine)
    signal.setitimer(signal.ITIMER_REAL, 0.2, 0.2)
    # OpenBLAS starts as many threads as it may have when it is loaded.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for library in LIBRARIES.split():
        # One that fails here fails in the job that needs it, and says so there.
        with contextlib.suppress(Exception):
            importlib.import_module(library)
    signal.setitimer(signal.ITIMER_REAL, 0)
    # Nobody waits for a child; and a process with a second thread must not fork.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    while len(os.listdir("/proc/self/task")) == 1:
        end_with_engine()
        if listener in select.select([listener, alive], [], [])[0]:
            server, forked = os.getpid(), -1  # if there is no room for one more, the client runs by itself
            with contextlib.suppress(OSError), listener.accept()[0] as connection:
                if (forked := os.fork()) == 0:
                    _end_with(server)
                    listener.close()
                    return _supervise(connection, surroundings)
            if forked == 0:
                os._exit(1)
    sys.exit()  # the name stays, so that nobody starts another one


def _supervise(connection: socket.socket, surroundings: list[Any]) -> str:
    """Fork a client's job, if it may be served, and tell the client how it ends; in the job itself, the script."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    streams = socket.recv_fds(connection, 1, 3)[1]
    line, supervisor = connection.makefile().readline(), os.getpid()
    if not line.endswith("\n") or (request := json.loads(line))["surroundings"] != surroundings:
        os._exit(0)
    if job := os.fork():
        with contextlib.suppress(OSError):
            os.setpgid(job, job)  # here and in the job, whichever comes first
            connection.sendall(b"%d\n" % job)
        if connection in select.select([connection, os.pidfd_open(job)], [], [])[0]:
            os.killpg(job, signal.SIGKILL)  # its client has ended
        with contextlib.suppress(OSError):
            connection.sendall(b"%d\n" % os.waitpid(job, 0)[1])
        os._exit(0)
    os.setpgid(0, 0)
    _end_with(supervisor)
    connection.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdout.reconfigure(line_buffering=os.isatty(1))  # pyright: ignore[reportAttributeAccessIssue]
    os.chdir(request["folder"])
    os.umask(request["umask"])
    os.environ.clear()
    os.environ.update(request["environment"], INEQ_WARM="0")
    sys.argv[:] = request["argv"]
    importlib.invalidate_caches()
    return sys.argv[0]


def _end_with(parent: int) -> None:
    """End when the parent does, even if it is killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1 is PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


if __name__ == "__main__":
    import ctypes
    import gc
    import runpy
    import select

    runpy.run_path(_serve(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])), run_name="__main__")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # what torch has made need not be taken apart, which takes longer than a short job
