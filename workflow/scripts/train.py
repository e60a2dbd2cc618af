"""Stage train, in `src/ineq/stages/train.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("train")
