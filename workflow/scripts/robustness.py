"""Stage robustness, in `src/ineq/stages/robustness.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("robustness")
