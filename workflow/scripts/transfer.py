"""Stage transfer, in `src/ineq/stages/transfer.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("transfer")
