"""Stage noise, in `src/ineq/stages/noise.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("noise")
