"""The rows that the services keep of some cases; another table joins by a line."""

from collections.abc import Mapping, Sequence
from typing import Any

from kfi_stack.databases import connection_to

Row = dict[str, Any]
Rows = Mapping[tuple[str, str], Sequence[Row]]
"""By service and by what they are."""

NOTIFICATIONS_OF = "SELECT id FROM notification WHERE concerns = ANY($1)"

OF_EVERY_SERVICE: Mapping[str, tuple[str, str]] = {
    "audit": ("keys", "SELECT * FROM audit WHERE aggregate_id = ANY($1) AND action NOT LIKE 'read%' ORDER BY number"),
    "deadline": ("keys", "SELECT * FROM deadline WHERE subject = ANY($1)"),
    "outbox": (
        "names",
        """SELECT event_id, key, sequence, parked_reason, position IN (SELECT position FROM outbox_due) AS waits
        FROM outbox WHERE key = ANY($1)""",
    ),
    "dead_letter": (
        "names",
        """SELECT topic, event_type, reason FROM dead_letter
        WHERE key IN (SELECT convert_to(name, 'UTF8') FROM unnest($1::text[]) AS name)""",
    ),
    "inbox": ("events", "SELECT consumer, event_id FROM inbox WHERE event_id = ANY($1)"),
}
OF_ONE_SERVICE: Mapping[tuple[str, str], tuple[str, str]] = {
    ("applications", "application"): ("keys", "SELECT * FROM application WHERE id = ANY($1)"),
    ("applications", "booking"): ("keys", "SELECT * FROM budget_booking WHERE application_id = ANY($1)"),
    ("applications", "numbered"): (
        "",
        """SELECT id, file_number, (
            SELECT recorded_at FROM audit WHERE aggregate_id = id AND action = 'file' LIMIT 1) AS filed_at
        FROM application""",
    ),
    ("applications", "file_number"): ("", "SELECT year, last FROM file_number"),
    ("applications", "budget_year"): ("", "SELECT * FROM budget_year"),
    ("applications", "booked"): (
        "",
        "SELECT title, year, booking, sum(amount) AS amount FROM budget_booking GROUP BY title, year, booking",
    ),
    ("applications", "budget_audit"): (
        "names",
        """SELECT aggregate_id, version, action, details FROM audit
        WHERE aggregate = 'budget-title' AND aggregate_id IN (
            SELECT aggregate_id FROM audit WHERE aggregate = 'budget-title' AND details ->> 'application_id' = ANY($1))
        ORDER BY number""",
    ),
    ("notifications", "notification"): ("keys", "SELECT * FROM notification WHERE id = ANY($1)"),
    ("notifications", "document"): (
        "keys",
        "SELECT notification_id, sha256, media_type FROM document WHERE notification_id = ANY($1)",
    ),
    ("notifications", "delivery"): (
        "keys",
        "SELECT notification_id, step, obstacle FROM delivery WHERE notification_id = ANY($1)",
    ),
}
"""What is asked, and by what: the keys of the cases and their notifications, also as text, and the events."""


async def rows_of(databases: Mapping[str, str], arguments: Mapping[str, Any]) -> Rows:
    """All of them, service by service."""
    found: dict[tuple[str, str], Sequence[Row]] = {}
    for service, url in databases.items():
        own = {what: asked for (owner, what), asked in OF_ONE_SERVICE.items() if owner == service}
        async with connection_to(url) as connection:
            for what, (by, query) in {**OF_EVERY_SERVICE, **own}.items():
                rows = await connection.fetch(query, *([arguments[by]] if by else []))
                found[service, what] = [dict(row) for row in rows]
    return found
