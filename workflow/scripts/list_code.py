"""DVC's first stage: see that nothing is missing, and write what each stage's code means: a comment reruns nothing.

With `--method` or `--attack` it writes what the code of that plug-in means.
"""

import sys

try:
    from ineq.extras import workflow_of
    from ineq.runtime.warm import hand_over
except ModuleNotFoundError:
    # DVC has no place to say which Python its jobs run: it is the first on PATH.
    print(f"code: {sys.executable} has no ineq, expected this project's: `source .venv/bin/activate`", file=sys.stderr)
    sys.exit(2)


def main() -> None:
    """Write the digests."""
    import argparse

    from ineq.config.activate import notices
    from ineq.config.options import BUILT_IN
    from ineq.config.study import load_study
    from ineq.engines.adopt import write_code_files, write_run_file
    from ineq.engines.experiment import link_sources
    from ineq.engines.place import refuse_braces
    from ineq.planning.jobs import jobs, refuse_missing
    from ineq.runtime.console import exit_on_error

    parser = argparse.ArgumentParser(description=__doc__)
    for kind in BUILT_IN:
        parser.add_argument(f"--{kind}")
    names = {kind: name for kind, name in vars(parser.parse_args()).items() if name}
    with exit_on_error("code"):
        refuse_braces()
        study = load_study()
        for kind, name in names.items():
            write_run_file(kind, name)
        if not names:
            for sentence in notices():
                print(sentence, file=sys.stderr)
            planned = jobs(study)
            link_sources(planned)
            refuse_missing(planned)
            write_code_files()


if __name__ == "__main__":
    hand_over()
    with workflow_of("code"):
        main()
