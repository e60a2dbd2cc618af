"""Stage random_attack, in `src/ineq/stages/random_attack.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("random_attack")
