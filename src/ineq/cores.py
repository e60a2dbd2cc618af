"""How many processors there are for this process."""

import os


def cores() -> int:
    """Those that this process may use, where the system says so, else those of the computer."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
