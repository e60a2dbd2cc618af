"""The folder of an audit: one audit at a time, what was there before, and code and projects of other folders."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
import threading
from pathlib import Path

import psutil
import pytest
import torch
from faults import wait_until

from ineq.auditing.engine import Terminated, _reasons, allowing, ending_at_sigterm, run
from ineq.auditing.project import alone, project_root, undone_if_refused, write_project
from ineq.auditing.request import Subject, pair, subject
from ineq.auditing.run import audit
from ineq.auditing.study import AuditRequest
from ineq.errors import InputError

ROOT = Path(__file__).resolve().parents[2]


def test_a_refusal_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "audits" / "mine"

    def refuse() -> None:
        with alone(folder), undone_if_refused(folder):
            folder.mkdir(exist_ok=True)
            (folder / "params.yaml").unlink(missing_ok=True)
            (folder / "params.yaml").write_text("of another audit")
            raise InputError("no")

    with pytest.raises(InputError, match="no"):
        refuse()
    assert not folder.parent.exists()
    folder.mkdir(parents=True)
    (folder / "params.yaml").write_text("before")
    with pytest.raises(InputError, match="no"):
        refuse()
    assert [path.read_text() for path in folder.iterdir()] == ["before"] and [*folder.parent.iterdir()] == [folder]
    (folder.parent / ".mine.before").mkdir()  # of an audit that was killed
    with undone_if_refused(folder):
        (folder / "results").mkdir()
    assert (folder / "results").is_dir() and [*folder.parent.iterdir()] == [folder]


def test_a_fault_leaves_the_folder_as_it_was_and_ctrl_c_what_was_done(tmp_path: Path) -> None:
    folder = tmp_path / "audits" / "mine"
    for error, left in {OSError: False, KeyboardInterrupt: True, Terminated: True}.items():
        with pytest.raises(error), undone_if_refused(folder):
            folder.mkdir()
            raise error
        assert folder.exists() == left
        shutil.rmtree(folder, ignore_errors=True)


def test_edited_parameters_are_not_written_over(checkpoint: Path, tmp_path: Path) -> None:
    folder, one = tmp_path / "audits" / "mine", [subject(checkpoint, "resnet18", 16)]
    assert write_project(ROOT, folder, AuditRequest(one, 20, study="cifar10")) == []
    torch.save({"fc.weight": torch.ones(2, 2)}, checkpoint)
    other = write_project(ROOT, folder, AuditRequest([subject(checkpoint, "resnet18", 16)], 20, study="cifar10"))
    assert other == [f"{folder} was an audit of other weights: its results will be replaced"]
    path = folder / "params.yaml"
    path.write_text(path.read_text().replace("radius: 4", "radius: 3"))
    with pytest.raises(InputError, match=r"params\.yaml was edited, and an audit of this name would write it anew"):
        write_project(ROOT, folder, AuditRequest(one, 20, study="cifar10"))
    assert "radius: 3" in path.read_text()


def test_the_checkpoint_may_be_the_copy_in_the_folder(checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "audits" / "mine"
    write_project(ROOT, folder, AuditRequest([subject(checkpoint, "resnet18", 16, "mine")], 20, study="cifar10"))
    copy = folder / "models/mine/audited-mine.ckpt"
    again = AuditRequest([subject(copy, "resnet18", 16, "mine")], 20, study="cifar10")
    assert write_project(ROOT, folder, again) == []
    assert copy.read_bytes() == checkpoint.read_bytes()
    assert not [*copy.parent.glob(".*")]


def test_an_audit_finds_the_project_from_any_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert (project_root() / "Snakefile").is_file()
    monkeypatch.setattr("ineq.auditing.project.ineq.__file__", str(tmp_path / "a/b/c/__init__.py"))
    with pytest.raises(InputError, match="no Snakefile is here, expected the project's folder"):
        project_root()


def test_one_audit_of_a_name_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "audits" / "mine"
    with alone(folder), pytest.raises(InputError, match="mine is being audited by another process"), alone(folder):
        pass
    with alone(folder):
        assert not folder.exists()
    assert not folder.parent.exists()
    folder.parent.mkdir()  # by somebody, who may need it empty
    with alone(folder):
        pass
    assert not [*folder.parent.iterdir()]


def test_an_audit_where_files_cannot_be_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(InputError, match="expected a file system with locks"), alone(tmp_path / "audits" / "mine"):
        pass


def test_code_in_a_file_of_another_folder(checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "nets.py").write_text("")
    found = subject(checkpoint, f"{tmp_path / 'nets.py'}:make")
    assert (found.architecture, found.module, found.folder) == ("nets.make", "nets", tmp_path)
    with pytest.raises(InputError, match=r"no\.py is no file, expected Python code with the function 'make'"):
        subject(checkpoint, f"{tmp_path / 'no.py'}:make")


def test_two_networks_of_files_of_one_name(checkpoint: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "net.py").write_text("")
    first, second = (str(tmp_path / name / "net.py") + ":make" for name in ("a", "b"))
    with pytest.raises(InputError, match=r"networks are of a module 'net', in .*a and in .*b"):
        pair((checkpoint, first, "", None, None), (checkpoint, second, "", None, None), 16)


def source_of(mine: Subject) -> str:
    with allowing([mine.module], [mine.folder]):
        return mine.card("mine", 3, 2, [0.5], [0.5])["architecture"]["source"]


def test_what_a_network_imports_from_its_folder_is_its_code_too(checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    files = {"net.py": "import torch\nimport blocks\n", "blocks.py": "from parts.acts import act\n"}
    for name, text in {**files, "parts/acts.py": "act = 1\n", "other.py": "x = 1\n"}.items():
        (tmp_path / name).write_text(text)
    mine = subject(checkpoint, f"{tmp_path / 'net.py'}:make")
    before = source_of(mine)
    (tmp_path / "other.py").write_text("x = 2\n")
    (tmp_path / "blocks.py").write_text("from parts.acts import act  # a comment\n")
    assert source_of(mine) == before
    (tmp_path / "parts/acts.py").write_text("act = 2\n")
    assert source_of(mine) != before


PACKAGES = {
    "absolute": "from nets.blocks import make",
    "relative": "from .blocks import make",
    "a module": "from . import blocks",
    "from above": "from nets.inner.more import make",
    "behind a link": "from .linked.far import make",
}


@pytest.mark.parametrize("line", PACKAGES.values(), ids=PACKAGES)
def test_what_a_network_in_a_package_imports_is_its_code_too(
    line: str, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("here/nets/__init__", "here/nets/blocks", "here/nets/inner/more", "here/nets/broken", "there/far"):
        (tmp_path / f"{name}.py").parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{name}.py").write_text("make = 1\n")
    (here / "nets/broken.py").write_text("print 'of another Python'\n")
    (here / "nets/linked").symlink_to(tmp_path / "there")
    (here / "nets/inner/back").symlink_to(here / "nets")
    (here / "nets/big.py").write_text(f"{line}\n")
    monkeypatch.chdir(here)
    seen = [source_of(subject(checkpoint, "nets.big:make"))]
    (here / "nets/blocks.py").write_text("make = 1  # a comment\n")
    assert source_of(subject(checkpoint, "nets.big:make")) == seen[0]
    for name in ("here/nets/__init__", "here/nets/blocks", "here/nets/inner/more", "there/far"):
        (tmp_path / f"{name}.py").write_text("make = 2\n")
        seen.append(source_of(subject(checkpoint, "nets.big:make")))
    assert len({*seen}) == len(seen)
    for name in [name for name in sys.modules if name.partition(".")[0] == "nets"]:
        del sys.modules[name]


def test_code_behind_a_link_is_its_code_too(checkpoint: Path, tmp_path: Path) -> None:
    for name, text in {"there/net.py": "import blocks\n", "there/blocks.py": "x = 1\n", "here/other.py": ""}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    for name in ("net.py", "blocks.py"):
        (tmp_path / "here" / name).symlink_to(tmp_path / "there" / name)
    mine = subject(checkpoint, f"{tmp_path / 'here' / 'net.py'}:make")
    before = source_of(mine)
    (tmp_path / "there/blocks.py").write_text("x = 1  # a comment\n")
    assert source_of(mine) == before
    (tmp_path / "there/blocks.py").write_text("x = 2\n")
    assert source_of(mine) != before


def test_a_place_that_takes_no_audits(tmp_path: Path) -> None:
    (tmp_path / "audits").write_text("a file")
    with pytest.raises(InputError, match="audits can't be written to"), alone(tmp_path / "audits" / "mine"):
        pass
    (tmp_path / "audits").unlink()
    (tmp_path / "audits").mkdir()
    (tmp_path / "audits" / "mine").write_text("a file")
    with pytest.raises(InputError, match="mine is no folder, expected one that"), alone(tmp_path / "audits" / "mine"):
        pass
    assert [path.name for path in (tmp_path / "audits").iterdir()] == ["mine"]


ENGINE = """#!/bin/bash
# As Snakemake, it lets its jobs come to their end first.
trap : TERM
sleep 600 & echo $! > job
until wait; do :; done
"""


def test_sigterm_ends_what_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, before = tmp_path / "audits" / "mine", signal.getsignal(signal.SIGTERM)
    (tmp_path / "snakemake").write_text(ENGINE)
    (tmp_path / "snakemake").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    def end() -> None:
        wait_until(lambda: (folder / "job").exists() and bool((folder / "job").read_text()))
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=end)
    with pytest.raises(SystemExit) as ended, ending_at_sigterm(), alone(folder), undone_if_refused(folder):
        folder.mkdir()
        thread.start()
        run(folder, ["all"], "predict", 1)
    thread.join()
    assert ended.value.code == 143 and signal.getsignal(signal.SIGTERM) == before
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]
    job = int((folder / "job").read_text())
    assert not psutil.pid_exists(job) or psutil.Process(job).status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize(("logs_stay", "named"), [(True, ["it failed", "see {log}"]), (False, ["it failed"])])
def test_only_logs_that_stay_are_named(tmp_path: Path, logs_stay: bool, named: list[str]) -> None:
    log = tmp_path / "results" / "mine.log"
    log.parent.mkdir()
    log.write_text("it began\nit failed\n")
    said = ["failed: python workflow/scripts/predict.py: see results/mine.log"]
    assert _reasons(tmp_path, said, logs_stay) == [line.format(log=log) for line in named]


def test_what_the_users_code_prints_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def build(*_: object) -> list[str]:
        print("loading")
        raise InputError("no")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ineq.auditing.run.write_project", build)
    with pytest.raises(InputError, match="no"):
        audit("mine", AuditRequest([], 20, study="cifar10"), 1, print)
    assert tuple(capsys.readouterr()) == ("", "loading\n")
