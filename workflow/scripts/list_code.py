"""DVC's first stage: see that nothing is missing, and write what each stage's code means: a comment reruns nothing.

With `--plugin` it writes what the code of a plug-in means.
"""

from ineq.extras import workflow_of
from ineq.runtime.warm import hand_over


def main() -> None:
    """Write the digests."""
    import argparse

    from ineq.config.study import load_study
    from ineq.engines.adopt import write_code_files, write_plugin_file
    from ineq.planning.jobs import jobs, refuse_missing
    from ineq.runtime.console import told

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plugin")
    name = parser.parse_args().plugin
    with told("code"):
        study = load_study()
        if name:
            write_plugin_file(study, name)
        else:
            refuse_missing(jobs(study))
            write_code_files()


if __name__ == "__main__":
    hand_over()
    with workflow_of("code"):
        main()
