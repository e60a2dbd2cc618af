"""Stage import, in `src/ineq/stages/import.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("import")
