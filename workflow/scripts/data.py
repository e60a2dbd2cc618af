"""Stage data, in `src/ineq/stages/data.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("data")
