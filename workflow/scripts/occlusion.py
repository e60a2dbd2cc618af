"""Stage occlusion, in `src/ineq/stages/occlusion.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("occlusion")
