"""What falls due on a date: rows, not sleeping tasks. A deadline is met in the transaction that acts on it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_NOTHING: Final[Mapping[str, str]] = {}

_SCHEDULE: Final = text("""
    INSERT INTO deadline (kind, subject, due_on, details)
    SELECT kind, subject, due_on, details::jsonb
    FROM unnest(CAST(:kinds AS text[]), CAST(:subjects AS uuid[]), CAST(:dates AS date[]), CAST(:details AS text[]))
        AS due (kind, subject, due_on, details)
    ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO UPDATE
        SET due_on = excluded.due_on, details = excluded.details, retry_at = NULL
""")
_CANCEL: Final = text("""
    UPDATE deadline SET closed_at = now(), outcome = 'cancelled'
    FROM unnest(CAST(:kinds AS text[]), CAST(:subjects AS uuid[])) AS off (off_kind, off_subject)
    WHERE kind = off_kind AND subject = off_subject AND closed_at IS NULL
""")
_CLAIM: Final = text("""
    SELECT id, kind, subject, due_on, details FROM deadline
    WHERE kind = :kind AND due_on <= :today AND closed_at IS NULL AND (retry_at IS NULL OR retry_at <= now())
    ORDER BY due_on, scheduled_at LIMIT 1 FOR UPDATE SKIP LOCKED
""")
_MEET: Final = text("UPDATE deadline SET closed_at = now(), outcome = 'met' WHERE id = :id AND closed_at IS NULL")
_POSTPONE: Final = text("""
    UPDATE deadline
    SET attempts = attempts + 1, failure = :failure,
        retry_at = now() + make_interval(secs => least(300, 2 ^ least(attempts, 9)))
    WHERE id = :id AND closed_at IS NULL
""")
_MISSED: Final = text("""
    SELECT kind, count(*) AS missed, CAST(:today AS date) - min(due_on) AS days FROM deadline
    WHERE closed_at IS NULL AND due_on < :today GROUP BY kind
""")


@dataclass(frozen=True)
class Deadline:
    """Something that falls due: of which kind, for which aggregate, on which date of law."""

    id: UUID
    kind: str
    subject: UUID
    due_on: date
    details: Mapping[str, str]


@dataclass(frozen=True)
class Missed:
    """How many deadlines of a kind are open although their day has passed, and for how many days the oldest is."""

    kind: str
    count: int
    days: int


class Deadlines:
    """The deadlines of one transaction, written when it ends. There is one open deadline per kind and subject."""

    def __init__(self) -> None:
        self._changes: dict[tuple[str, UUID], tuple[date, Mapping[str, str]] | None] = {}

    def schedule(self, kind: str, subject: UUID, due_on: date, details: Mapping[str, str] = _NOTHING) -> None:
        """Set a deadline; the worker acts from `due_on` on. An open one of the same kind and subject is moved."""
        self._changes[kind, subject] = (due_on, details)

    def cancel(self, kind: str, subject: UUID) -> None:
        """Close the open deadline without acting; none open is no error."""
        self._changes[kind, subject] = None

    async def flush(self, connection: AsyncConnection) -> None:
        """Write what was scheduled and cancelled; the last word on each kind and subject counts."""
        changes, self._changes = self._changes, {}
        scheduled = {due: change for due, change in changes.items() if change is not None}
        cancelled = [due for due, change in changes.items() if change is None]
        if cancelled:
            await connection.execute(
                _CANCEL, {"kinds": [k for k, _ in cancelled], "subjects": [s for _, s in cancelled]}
            )
        if scheduled:
            await connection.execute(
                _SCHEDULE,
                {
                    "kinds": [kind for kind, _ in scheduled],
                    "subjects": [subject for _, subject in scheduled],
                    "dates": [due_on for due_on, _ in scheduled.values()],
                    "details": [json.dumps(dict(details)) for _, details in scheduled.values()],
                },
            )


async def claim(connection: AsyncConnection, kind: str, today: date) -> Deadline | None:
    """Lock the earliest deadline of a kind that is due and held by no other worker."""
    row = (await connection.execute(_CLAIM, {"kind": kind, "today": today})).one_or_none()
    return None if row is None else Deadline(row.id, row.kind, row.subject, row.due_on, row.details)


async def meet(connection: AsyncConnection, deadline: Deadline) -> None:
    """Close a claimed deadline in the transaction that acted on it."""
    await connection.execute(_MEET, {"id": deadline.id})


async def postpone(connection: AsyncConnection, deadline: Deadline, failure: str) -> None:
    """Note a failure as a code and try again later: after 1, 2, 4 ... at most 300 seconds."""
    await connection.execute(_POSTPONE, {"id": deadline.id, "failure": failure})


async def missed(connection: AsyncConnection, today: date) -> Sequence[Missed]:
    """What nobody acted on by the end of its day, by kind; kinds that nothing is missed of are left out."""
    rows = await connection.execute(_MISSED, {"today": today})
    return [Missed(row.kind, row.missed, row.days) for row in rows]
