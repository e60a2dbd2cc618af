"""Whether two commits make the same results, byte for byte: for a change that should move code and nothing else.

    python tools/same_bytes.py OLD [NEW]    NEW is the current commit unless given; in the environment of `make env`

Both run the study `digits` and the tests' study of seconds on this machine, each with its own code. Tables, HDF5 files,
pictures and checkpoints have to be equal; what differs of the rest (records, words, pages) is only named. It takes two
to five minutes a commit, and ends with 1 where something differs that should not.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
EQUAL = {".csv", ".h5", ".svg", ".png", ".safetensors"}
SECONDS = "import sys; from pathlib import Path; from project import make_project; make_project(Path(sys.argv[1]))"


def results_of(commit: str, folder: Path) -> dict[str, str]:
    """Digests of all that a commit makes, by study and path."""
    checkout, small = folder / "digits", folder / "small"
    _run(ROOT, "git", "clone", "--quiet", "--no-checkout", str(ROOT), str(checkout))
    _run(checkout, "git", "checkout", "--quiet", commit)
    code = {"PYTHONPATH": os.pathsep.join([str(checkout / "src"), str(checkout / "tests")])}
    _run(checkout, sys.executable, "-c", SECONDS, str(small), **code)
    digests = {}
    for project in (checkout, small):
        _run(project, "snakemake", "--cores", "all", "all", PYTHONPATH=str(project / "src"))
        digests |= {f"{project.name}: {path}": digest for path, digest in _digests(project / "results").items()}
    return digests


def _run(folder: Path, *command: str, **variables: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path, **variables}, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


def _digests(results: Path) -> dict[str, str]:
    """By path; what begins with a dot is no result."""
    paths = {str(path.relative_to(results)): path for path in sorted(results.rglob("*")) if path.is_file()}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items() if "/." not in f"/{name}"
    }


def compare(old: dict[str, str], new: dict[str, str]) -> int:
    """Print what differs; the number of files that should not."""
    different = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    wrong = [name for name in different if Path(name).suffix in EQUAL]
    for kind, count in sorted(Counter(Path(name).suffix for name in old.keys() | new.keys()).items()):
        others = sum(Path(name).suffix == kind for name in different)
        print(f"{kind}: {count} files, {others} differ{'' if kind in EQUAL else ', which they may'}")
    for name in different if len(different) < 20 else wrong:
        print(f"  {'WRONG ' if name in wrong else ''}{name}{'' if name in old and name in new else ' is in one only'}")
    return len(wrong)


def main() -> None:
    """Run both and compare."""
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    with TemporaryDirectory() as old, TemporaryDirectory() as new:
        results = [
            results_of(commit, Path(folder)) for commit, folder in ((sys.argv[1], old), ((*sys.argv, "HEAD")[2], new))
        ]
    if wrong := compare(*results):
        sys.exit(f"{wrong} files differ that should not")
    print("all that should be equal is equal")


if __name__ == "__main__":
    main()
