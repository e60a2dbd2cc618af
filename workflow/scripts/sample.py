"""Stage sample, in `src/ineq/stages/sample.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("sample")
