"""Speaks to people on the command line."""

import sys


def say(text: str, *, error: bool = False) -> None:
    """Write one line: results to standard output, everything else to standard error."""
    (sys.stderr if error else sys.stdout).write(text + "\n")
