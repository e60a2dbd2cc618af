"""Command lines of `ineq` and of the stages: done, or a sentence and exit code 2; no word runs or removes anything."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cases import cases, command_line, listing, refused
from hostile import MARKER, NAMES
from hypothesis import given
from hypothesis import strategies as st

from ineq.attribution.names import METHODS
from ineq.cli import main
from ineq.planning.registry import STAGES

COMMANDS = (
    *(("study", name) for name in ("clean", "use", "list", "publish", "ship", "fetch", "pick")),
    *(("params", "check"), ("explain",), ("adopt",), ("audit",), ("study",), ("params",), ()),
)
WORDS = (
    *(
        "tiny",
        "standard",
        "linf-0.3",
        *METHODS,
        "--model",
        "--method",
        "--to",
        "--made",
        "--images",
        "--split",
        "--seed",
    ),
    *("--discard", "--json", "--help", "--", "--mod", "--model=standard", "data", "data/digits.md", "params.yaml"),
    *(
        "results/tiny/data/data.h5",
        "results/other/data/data.h5",
        "1",
        "-1",
        "1e3",
        "9" * 400,
        "test",
        "new.zip",
        "x/y.zip",
    ),
)
# The kernel gives no argument with a zero byte in it to a program.
word = st.sampled_from(WORDS) | st.sampled_from(NAMES).map(lambda name: name.replace("\0", "")) | st.text(max_size=8)


def whole(place: Path, run: Callable[[], object]) -> str:
    """The sentence; afterwards everything is there that was there, and nothing was run."""
    before = listing(place)
    found = refused(run, place)
    assert set(before) <= set(listing(place)) and not list(place.rglob(MARKER))
    for extra in set(listing(place)) - set(before):
        (place / extra).unlink()
    return found


@cases(8)
@given(st.sampled_from(COMMANDS), st.lists(word, max_size=5))
def test_any_command_line_of_ineq(place: Path, known_code: None, command: tuple[str, ...], words: list[str]) -> None:
    # To look for images in all folders of the machine takes as long as it says.
    words = [one for one in words if "\0" not in one and not (command[-1:] == ("pick",) and one[:1] in ("/", "."))]
    whole(place, command_line(main, "ineq", *command, *words))


@cases(8)
@given(st.sampled_from(list(STAGES)), st.lists(word, max_size=5), st.booleans())
def test_any_command_line_of_a_stage(place: Path, stage: str, words: list[str], model: bool) -> None:
    words = [one for one in words if "\0" not in one] + ["--model", "standard"] * model
    # With nothing run before, there is nothing that it could read but the data.
    found = whole(place, command_line(lambda: script(stage), f"workflow/scripts/{stage}.py", *words))
    assert found or stage == "data" or any(one.startswith(("-h", "--h")) for one in words)


def script(stage: str) -> None:
    """Run a stage's script as Python would."""
    runpy.run_path(f"workflow/scripts/{stage}.py", run_name="__main__")


HERE = [
    (("study", "clean", ".."), "unknown study '..': there are tiny"),
    (("study", "clean", "."), "unknown study '.': there are tiny"),
    (("study", "use", "../tiny"), "unknown study '../tiny': there are tiny; did you mean 'tiny'?"),
    (
        ("study", "ship", "../x", "--to", "tiny", "--made", "x"),
        "unknown model '../x', expected one of linf-0.3, standard",
    ),
    (("study", "pick", "empty", "new.zip", "--images", "1"), "empty has 0 images of split 'test', expected 1"),
    (("study", "pick", "data", ".", "--images", "1"), ". is no name of a file"),
    (("study", "pick", "data", "no/new.zip", "--images", "1"), "no is no folder, expected one for new.zip"),
    (("study", "estimate", "--images", "-1"), "invalid value for '--images': '-1' should be greater"),
    (("params", "generate"), "unknown command 'generate', expected one of check"),
    (("explain", "circle"), "circle is made by no job of study 'tiny', expected a file below results/"),
]


@pytest.mark.parametrize(("words", "sentence"), HERE, ids=[" ".join(words) for words, _ in HERE])
def test_what_once_was_a_traceback_or_worse(good: Path, tmp_path: Path, words: tuple[str, ...], sentence: str) -> None:
    place = Path(shutil.copytree(good, tmp_path / "project"))
    (place / "empty").mkdir()
    (place / "circle").symlink_to("circle")
    # Their stems are `.` and `..`: as studies they would have their results in results/ and in the project itself.
    for name in ("..yaml", "...yaml"):
        shutil.copy(place / "params.yaml", place / "studies" / name)
    (place / "results" / "other").mkdir(parents=True)
    found = refused(command_line(main, "ineq", *words), place)
    assert sentence in found
    assert (place / "results" / "other").is_dir()


def test_outside_a_project_every_command_is_a_sentence(tmp_path: Path) -> None:
    for words in (
        ("params", "check"),
        ("study", "publish"),
        ("study", "list"),
        ("study", "use", "digits"),
        ("adopt",),
    ):
        assert refused(command_line(main, "ineq", *words), tmp_path), words
