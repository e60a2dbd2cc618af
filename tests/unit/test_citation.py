"""What is said of the software as such, in the four places that say it."""

from __future__ import annotations

import importlib.metadata
import tomllib
from pathlib import Path

from engines import read_yaml

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CITATION = read_yaml(ROOT / "CITATION.cff")


def test_the_citation_has_what_its_format_asks_for() -> None:
    """Of schema 1.2.0: the required keys, of the software and of each reference."""
    assert CITATION["cff-version"] == "1.2.0" and CITATION["type"] == "software"
    assert {"message", "title", "authors"} < set(CITATION)
    for reference in CITATION["references"]:
        assert {"authors", "title", "type"} < set(reference)
        # An initial such as `Y.` may not be read as anything but a word.
        assert all(isinstance(name, str) for author in reference["authors"] for name in author.values())


def test_the_paper_is_the_readmes() -> None:
    (paper,) = CITATION["references"]
    authors = ", ".join(f"{author['family-names']}, {author['given-names']}" for author in paper["authors"])
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"{authors}: {paper['title']}. ICLR {paper['year']}." in readme


def test_version_and_licence_are_one() -> None:
    assert CITATION["version"] == PROJECT["version"] == importlib.metadata.version("ineq")
    assert PROJECT["version"] in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    licence = (ROOT / PROJECT["license-files"][0]).read_text(encoding="utf-8")
    assert licence.startswith(f"{PROJECT['license']} License") and CITATION["license"] == PROJECT["license"]
    assert PROJECT["authors"][0]["name"] in licence
