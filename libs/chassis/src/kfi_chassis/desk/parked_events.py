"""The other end: events of this service that the broker refuses. They are listed, explained, released or given up.

Later events of the key wait behind a parked one, so that their order stays. To give one up is to say that nobody will
ever hear of it: it goes, and the audit keeps its id, type and number.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Row, text

from kfi_chassis.tables import OUTBOX_CHANNEL
from kfi_chassis.work import Work

_COLUMNS: Final = """
    position, event_id, topic, key, sequence, type, parked_reason, occurred_at, octet_length(payload) AS size,
    extract(epoch FROM now() - occurred_at)::float AS age, (
        SELECT count(*) FROM outbox AS later
        WHERE later.topic = parked.topic AND later.key = parked.key AND later.position > parked.position
          AND EXISTS (SELECT FROM outbox_due AS due WHERE due.position = later.position)) AS behind
"""
_PAGE: Final = text(f"""
    SELECT {_COLUMNS} FROM outbox AS parked
    WHERE parked_reason IS NOT NULL AND position > :after ORDER BY position LIMIT :limit
""")  # noqa: S608 - the columns are ours
_ONE: Final = text(f"""
    SELECT {_COLUMNS} FROM outbox AS parked
    WHERE parked_reason IS NOT NULL AND position = :position
""")  # noqa: S608 - see above
_CLAIM: Final = text("""
    SELECT event_id, topic, key, sequence, type, parked_reason FROM outbox
    WHERE parked_reason IS NOT NULL AND position = :position FOR UPDATE
""")
_RELEASE: Final = text("UPDATE outbox SET parked_reason = NULL WHERE position = :position")
_GIVE_UP: Final = text("""
    WITH gone AS (DELETE FROM outbox WHERE position = :position) DELETE FROM outbox_due WHERE position = :position
""")
_WAKE: Final = text(f"SELECT pg_notify('{OUTBOX_CHANNEL}', '')")
VERSION: Final = 1
"""Nothing of a parked event changes until it is released or given up."""


class EventNotParkedError(LookupError):
    """There is no parked event at this position, or somebody dealt with it already."""

    def __init__(self, position: int) -> None:
        super().__init__(f"there is no parked event {position}")


async def page(work: Work, *, after: int = 0, limit: int) -> Sequence[Row[Any]]:
    """The parked events after a position, oldest first."""
    return (await work.connection.execute(_PAGE, {"after": after, "limit": limit})).all()


async def one(work: Work, position: int) -> Row[Any]:
    """A parked event. Raises EventNotParkedError."""
    found = (await work.connection.execute(_ONE, {"position": position})).one_or_none()
    if found is None:
        raise EventNotParkedError(position)
    return found


async def release(work: Work, position: int, reason: str) -> None:
    """Let the relay try again, at once. Raises EventNotParkedError."""
    row = await _claimed(work, position)
    await work.connection.execute(_RELEASE, {"position": position})
    await work.connection.execute(_WAKE)
    _record(work, row, "released", reason)


async def give_up(work: Work, position: int, reason: str) -> None:
    """Remove the event for good; those behind it go out. Raises EventNotParkedError."""
    row = await _claimed(work, position)
    await work.connection.execute(_GIVE_UP, {"position": position})
    await work.connection.execute(_WAKE)
    _record(work, row, "given-up", reason)


async def _claimed(work: Work, position: int) -> Row[Any]:
    row = (await work.connection.execute(_CLAIM, {"position": position})).one_or_none()
    if row is None:
        raise EventNotParkedError(position)
    return row


def _record(work: Work, row: Row[Any], action: str, reason: str) -> None:
    work.audit.add(
        aggregate="parked-event",
        aggregate_id=uuid5(NAMESPACE_URL, f"urn:kfi:parked-event:{row.event_id}"),
        version=VERSION,
        action=action,
        reason=reason,
        details={
            "event": str(row.event_id),
            "type": row.type,
            "key": row.key,
            "sequence": str(row.sequence),
            "parked_for": row.parked_reason,
        },
    )
