"""Stage tables, in `src/ineq/stages/tables.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("tables")
