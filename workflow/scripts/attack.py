"""Stage attack, in `src/ineq/stages/attack.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("attack")
