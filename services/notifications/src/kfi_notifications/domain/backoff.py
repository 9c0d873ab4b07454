"""When to try again: later each time, never too late, and not all at once."""

from datetime import timedelta
from typing import Final

FIRST: Final = timedelta(seconds=2)
LONGEST: Final = timedelta(minutes=15)


def delay_after(attempts: int, spread: float) -> timedelta:
    """The wait after so many failed attempts (1 for the first): doubled each time, at most LONGEST.

    `spread` from 0 to 1 takes away up to half, so that what failed together does not come back together.
    """
    wait = FIRST * int(2 ** min(attempts - 1, 20))
    return min(wait, LONGEST) * (1 - spread / 2)
