"""The command `ineq`, from outside: where what it is made of is not installed, it says so."""

from __future__ import annotations

from ineq.extras import workflow_of


def main() -> None:
    """Run the command line; without the extra `workflow` that is one sentence and exit code 2."""
    with workflow_of("ineq"):
        from ineq.cli import main as command

        command()


if __name__ == "__main__":
    main()
