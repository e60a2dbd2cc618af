"""Stage attribute_plugin, in `src/ineq/stages/attribute_plugin.py`."""

from ineq.runtime.entry import run_stage

if __name__ == "__main__":
    run_stage("attribute_plugin")
