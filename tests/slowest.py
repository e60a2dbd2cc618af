"""The slowest 20 tests of the last run as a table: `make slowest`, after `make test`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

DURATIONS = Path(".pytest_cache/v/ineq/durations")


def main() -> None:
    if not DURATIONS.is_file():
        sys.exit(f"{DURATIONS} is not there: run `make test` first")
    seconds = sorted(json.loads(DURATIONS.read_text()).items(), key=lambda test: -test[1])
    every = sum(time for _, time in seconds)
    print(f"{len(seconds)} tests took {every:.0f} s, one after another; the slowest 20 of them {share(seconds, every)}")
    print("\n| seconds | test |\n| ---: | --- |")
    for name, time in seconds[:20]:
        print(f"| {time:.1f} | `{name.removeprefix('tests/')}` |")


def share(seconds: list[tuple[str, float]], every: float) -> str:
    return f"{sum(time for _, time in seconds[:20]) / max(every, 1e-9):.0%}"


if __name__ == "__main__":
    main()
