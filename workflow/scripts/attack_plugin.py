"""Stage attack_plugin, in `src/ineq/stages/attack_plugin.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("attack_plugin")
