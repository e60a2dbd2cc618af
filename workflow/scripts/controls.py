"""Stage controls, in `src/ineq/stages/controls.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("controls")
