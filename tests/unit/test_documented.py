"""Each command of a page is run by a test, each name in its text is there, and each link leads somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
from documented import INSTEAD, PAGES, ROOT, RUN_BY, commands

from ineq.cli import app

MARKDOWN = sorted({*PAGES, ROOT / "CHANGELOG.md", *(ROOT / "data").rglob("*.md")})
README, GLOSSARY = ROOT / "README.md", ROOT / "docs" / "glossary.md"
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_each_command_is_run_by_one_test(page: Path) -> None:
    """In the page's own order, so that a test can type them one after another."""
    assigned = [command for pages in RUN_BY.values() for command in pages.get(name(page), [])]
    assert sorted(assigned) == sorted(set(commands(page))), "see tests/documented.py"
    for test, pages in RUN_BY.items():
        found = pages.get(name(page), [])
        assert found == [command for command in dict.fromkeys(commands(page)) if command in found], test


@pytest.mark.parametrize("test", RUN_BY)
def test_who_runs_commands_is_there_and_takes_them_from_the_list(test: str) -> None:
    file, _, function = test.partition("::")
    text = (ROOT / "tests" / file).read_text(encoding="utf-8")
    assert f"def {function}(" in text and f'run_by("{function}")' in text


def test_the_list_is_of_pages_that_are_there() -> None:
    pages = {page for found in RUN_BY.values() for page in found}
    assert pages <= {name(page) for page in PAGES} and set(INSTEAD) <= set(RUN_BY)


def exists(command: str) -> bool:
    """Whether `ineq …`, as it stands in a text, names commands and options that there are."""
    found = typer.main.get_command(app)
    for word in shlex.split(command)[1:]:
        inner = getattr(found, "commands", {})
        options = {"--help", *(option for parameter in found.params for option in parameter.opts)}
        if (word.startswith("-") and word not in options) or (inner and not word.startswith("-") and word not in inner):
            return False
        found = inner.get(word, found)
    return True


@pytest.mark.parametrize("page", MARKDOWN, ids=name)
def test_each_command_in_a_text_is_there(page: Path) -> None:
    for code in re.findall(r"`([^`\n]+)`", prose(page)):
        if code.startswith("ineq "):
            assert exists(code), code
        elif code.startswith("make "):
            assert code.split()[1] in TARGETS, code


def test_a_command_that_is_not_there_is_found() -> None:
    assert exists("ineq study use NAME") and exists("ineq --version") and exists("ineq explain FILE --json")
    assert not any(map(exists, ("ineq stdy", "ineq study us NAME", "ineq explain FILE --jsn")))


def anchors(page: Path) -> set[str]:
    """What a heading is called in an address, as GitHub has it."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", MARKDOWN, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"https?:", target):
            continue
        path, _, anchor = target.partition("#")
        found = page.parent / path if path else page
        assert found.exists(), f"{target}: no such file"
        assert not anchor or anchor in anchors(found), f"{target}: no such heading"


def test_the_files_and_names_of_contributing_are_there() -> None:
    """Of a path with a part to fill in, `<stage>`, at least one."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    files = re.findall(r"`((?:benchmarks|docs|src|studies|tests|tools|workflow)/[^`\s]+)`", text)
    assert [file for file in files if not list(ROOT.glob(re.sub(r"<\w+>", "*", file.rstrip("/"))))] == []
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    named = set(re.findall(r"`([A-Z]\w+)`", text))
    assert {"Attack", "Maps", "METHODS"} < named and {
        one for one in named if not re.search(rf"\b{one}\b", code)
    } == set()


def test_every_page_is_on_the_readmes_map() -> None:
    linked = set(re.findall(r"\]\(([^)#\s]+)\)", README.read_text(encoding="utf-8")))
    assert {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.*")} <= linked


def test_the_readme_is_a_page() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 110


@pytest.mark.parametrize("page", sorted(set(MARKDOWN) - {GLOSSARY}), ids=name)
def test_an_earlier_name_is_in_the_glossary_only(page: Path) -> None:
    assert not re.findall(r"\b(twins?|guidance|untouched)\b", page.read_text(encoding="utf-8"), re.IGNORECASE)
    assert len(re.findall(r"\| (?:twin|guidance, guided minus random|untouched) \|", GLOSSARY.read_text("utf-8"))) == 3
