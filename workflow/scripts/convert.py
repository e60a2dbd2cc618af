"""Stage convert, in `src/ineq/stages/convert.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("convert")
