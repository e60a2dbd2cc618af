"""Stage figures, in `src/ineq/stages/figures.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("figures")
