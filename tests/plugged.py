"""The tests' own plug-ins, installed for real but offline: a wheel is built of each and unpacked into a folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from project import Project

PLUGINS = Path(__file__).parent / "plugins"
BOTH = ("gradient_power", "erase")
BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
STUDY = {
    "plugins.models": ["standard"],
    "plugins.methods": ["gradient_power"],
    "plugins.attacks": ["erase"],
    "plugins.maps": ["gradient_power", "integrated_gradients"],
    "plugins.options": {"gradient_power": {"power": 1.5}, "erase": {}},
}
"""A study that names both."""


def install(site: Path, *packages: str) -> Path:
    """Install packages of `tests/plugins` into the folder `site`, which is then to be on Python's path."""
    for package in packages:
        build(PLUGINS / package, site)
    return site


def build(package: Path, site: Path) -> None:
    """Build a wheel of a copy, since that leaves its traces, and unpack it."""
    with tempfile.TemporaryDirectory() as name:
        source = shutil.copytree(package, Path(name) / "source")
        subprocess.run([sys.executable, "-c", BUILD, name], cwd=source, check=True, capture_output=True)
        (wheel,) = Path(name).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)


def with_plugins(project: Project) -> Project:
    """The project, whose commands find what is installed in its folder `.tools/site`."""
    project.extra = {"PYTHONPATH": f"{project.root / 'src'}:{project.root / '.tools/site'}"}
    return project
