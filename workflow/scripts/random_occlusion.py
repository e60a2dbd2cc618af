"""Stage random_occlusion, in `src/ineq/stages/random_occlusion.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("random_occlusion")
