"""Stage attribute, in `src/ineq/stages/attribute.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("attribute")
