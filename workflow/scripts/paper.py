"""Stage paper, in `src/ineq/stages/paper.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("paper")
