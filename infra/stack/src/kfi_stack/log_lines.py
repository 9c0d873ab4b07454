"""Log lines of the stack's own small servers: one JSON object a line on standard output, ids and codes only."""

import json
from datetime import UTC, datetime


def log_line(event: str, **facts: str | int | None) -> None:
    """Write one line: what happened, when (UTC), and the ids and codes given; absent ones are left out."""
    given = {name: value for name, value in facts.items() if value is not None}
    print(
        json.dumps({"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event} | given), flush=True
    )
