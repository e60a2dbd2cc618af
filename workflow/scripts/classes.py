"""Stage classes, in `src/ineq/stages/classes.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("classes")
