"""When a webhook that failed is tried again, and when it is given up.

The delays are the schedule of Standard Webhooks (https://www.standardwebhooks.com): a little over three days in all.
"""

from datetime import timedelta
from typing import Final

DELAYS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
DISABLED_AFTER: Final = timedelta(days=5)
"""So long nothing but failures, and the endpoint is disabled."""
_SPREAD: Final = 0.2


def delay_after(failures: int, chance: float) -> timedelta | None:
    """How long to wait after so many failures of one event; None when it is given up.

    `chance` in [0, 1) spreads the delay by a fifth to either side, so that endpoints that failed together do not come
    again together.
    """
    if failures > len(DELAYS):
        return None
    return DELAYS[failures - 1] * (1 - _SPREAD + 2 * _SPREAD * chance)
