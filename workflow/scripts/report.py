"""Stage report, in `src/ineq/stages/report.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("report")
