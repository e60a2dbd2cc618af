"""Stage controls_plugin, in `src/ineq/stages/controls_plugin.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("controls_plugin")
