"""Stage gallery, in `src/ineq/stages/gallery.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("gallery")
