"""`ineq` by itself: help with an example, bad usage in a sentence, JSON for programs; and quick to say so."""

from __future__ import annotations

import importlib.metadata
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from cases import command_line, refused

from ineq.cli import app, main

ROOT = Path(__file__).resolve().parents[2]


def leaves(command: Any, words: tuple[str, ...] = ("ineq",)) -> dict[tuple[str, ...], Any]:
    """Every command that does something, by the words it is called with."""
    inner = getattr(command, "commands", None)
    if inner is None:
        return {words: command}
    return {path: leaf for name, one in inner.items() for path, leaf in leaves(one, (*words, name)).items()}


COMMANDS = leaves(typer.main.get_command(app))


def run(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command prints; it must succeed, and say nothing else."""
    with pytest.raises(SystemExit) as end:
        command_line(main, *words)()
    out, err = capsys.readouterr()
    assert (end.value.code or 0) == 0 and err == ""
    return out


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_is_a_sentence_and_an_example_that_fits_on_a_line(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = run(capsys, *words, "--help")
    assert COMMANDS[words].get_short_help_str(60).endswith(".")
    example = said.splitlines()[-1].strip().removeprefix("Example: ")
    assert f"Example: {example}" == COMMANDS[words].epilog
    assert tuple(shlex.split(example)[: len(words)]) == words


def imported(code: str) -> tuple[str, set[str]]:
    """What a program prints, and the modules that it has imported at its end."""
    code = f"import sys\n{code}\nprint('MODULES', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    said, _, modules = done.stdout.rpartition("MODULES")
    return said, set(modules.split())


def test_help_needs_nothing_that_is_slow_to_import() -> None:
    """Torch takes a second; 0.3 s are a promise."""
    calls = [[*words[1:], "--help"] for words in [("ineq",), ("ineq", "study"), ("ineq", "params"), *COMMANDS]]
    _, modules = imported(f"from ineq.cli import app\nfor words in {calls!r}:\n    app(words, standalone_mode=False)")
    assert "typer" in modules and not {"torch", "numpy", "pandas", "snakemake", "dvc", "rich"} & modules


def test_the_help_of_every_script_needs_nothing_that_is_slow_to_import() -> None:
    """And so does a refusal: scripts import what they compute with in `main`."""
    scripts = sorted(map(str, (ROOT / "workflow" / "scripts").glob("*.py")))
    said, modules = imported(
        "import contextlib, runpy\n"
        f"for script in {scripts!r}:\n"
        "    sys.argv = [script, '--help']\n"
        "    with contextlib.suppress(SystemExit):\n        runpy.run_path(script, run_name='__main__')"
    )
    assert said.count("usage: ") == len(scripts)
    assert not {"torch", "numpy", "pandas", "h5py", "matplotlib", "captum"} & modules


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "ineq", "--version") == f"ineq {importlib.metadata.version('ineq')}\n"


def test_without_a_word_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Commands:" in run(capsys, "ineq")


BAD = {
    "bogus": "unknown command 'bogus', expected one of adopt, audit, explain, params, study",
    "exlain x": "unknown command 'exlain', expected one of adopt, audit, explain, params, study; "
    "did you mean 'explain'?",
    "study": "missing command, expected one of list, use, estimate, clean, publish, ship, fetch, pick; "
    "`ineq study --help` says more",
    "study us": "did you mean 'use'?",
    "study estimate --tflop 3": "unknown option '--tflop', expected one of --help, --images, --json, --tflops; "
    "did you mean '--tflops'?",
    "--versoin": "unknown option '--versoin', expected one of --help, --version; did you mean '--version'?",
    "explain": "missing argument 'file'; `ineq explain --help` says more",
    "study ship standard": "missing option '--to'; `ineq study ship --help` says more",
    "study ship --to": "option '--to' requires an argument",
    "study estimate --images many": "invalid value for '--images': 'many' should be a valid integer",
    "study estimate --images 0": "invalid value for '--images': '0' should be greater than or equal to 1",
    "study list --json=yes": "option '--json' does not take a value",
    "params check now": "got unexpected extra argument(s) (now); `ineq params check --help` says more",
}


@pytest.mark.parametrize("words", BAD)
def test_bad_usage_is_one_sentence(words: str, tmp_path: Path) -> None:
    sentence = refused(command_line(main, "ineq", *words.split()), tmp_path)
    assert sentence.startswith("ineq: ") and BAD[words] in sentence and "\n" not in sentence


def test_bad_usage_leaves_stdout_to_programs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        command_line(main, "ineq", "study", "lst", "--json")()
    out, err = capsys.readouterr()
    assert end.value.code == 2 and out == "" and "did you mean 'list'?" in err


def test_what_programs_read(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The same as what people read."""
    monkeypatch.chdir(ROOT)
    listed = json.loads(run(capsys, "ineq", "study", "list", "--json"))
    text = run(capsys, "ineq", "study", "list").splitlines()
    assert text == [f"{'*' if one['current'] else ' '} {one['name']}" for one in listed] and len(listed) == 6
    checked = json.loads(run(capsys, "ineq", "params", "check", "--json"))
    assert f"'digits' of {len(checked['models'])} models and {len(checked['maps'])} maps" in run(
        capsys, "ineq", "params", "check"
    )
    assert checked["study"] == "digits" and "linf-0.3/smoothgrad" in checked["maps"]
    flags = ("--tflops", "10", "--images", "360")
    estimated = json.loads(run(capsys, "ineq", "study", "estimate", *flags, "--json"))
    rows = run(capsys, "ineq", "study", "estimate", *flags).splitlines()[1:-2]
    assert [row.split()[0] for row in rows] == [one["stage"] for one in estimated["stages"]]
    assert {"jobs", "forward", "gradient", "seconds", "longest", "bytes"} < set(estimated["stages"][0])
