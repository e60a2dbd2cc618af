"""DVC's stage before a fan-in: list the files that the fan-in reads, with their digests."""

from ineq.extras import workflow_of
from ineq.runtime.warm import hand_over


def main() -> None:
    """Write the list."""
    import argparse
    import sys

    from ineq.config.study import load_study
    from ineq.engines.fan_in import fan_in_stages, write_list
    from ineq.errors import EXIT_CODE, InputError
    from ineq.planning.jobs import jobs

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", required=True, choices=[stage.name for stage in fan_in_stages()])
    stage = parser.parse_args().stage
    try:
        # What is listed is the same for all jobs of a stage.
        write_list(next(job for job in jobs(load_study()) if job.stage.name == stage))
    except InputError as error:
        print(f"inputs: {error}", file=sys.stderr)
        sys.exit(EXIT_CODE)


if __name__ == "__main__":
    hand_over()
    with workflow_of("inputs"):
        main()
