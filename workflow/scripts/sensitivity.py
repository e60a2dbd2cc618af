"""Stage sensitivity, in `src/ineq/stages/sensitivity.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("sensitivity")
