"""Stage inequality, in `src/ineq/stages/inequality.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("inequality")
