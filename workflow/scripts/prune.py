"""Stage prune, in `src/ineq/stages/prune.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("prune")
