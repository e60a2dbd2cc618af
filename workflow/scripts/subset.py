"""Stage subset, in `src/ineq/stages/subset.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("subset")
