"""Stage predict, in `src/ineq/stages/predict.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("predict")
