"""The work still to do for notifications: rows that workers claim, a few at a time and side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Text, and_, bindparam, case, cast, delete, exists, func, insert, not_, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kfi_chassis.cause import Cause
from kfi_contracts.notifications import Channel, NotificationDispatched
from kfi_notifications import tables
from kfi_notifications.domain.hold import HoldScope

HELD: Final = "held"
"""The obstacle of what a person holds back."""
PREPARING: Final = "prepare"

# Built once: making a statement anew for each piece of work costs more than running it.
_OF: Final = tables.delivery.c.notification_id.in_(bindparam("ids", expanding=True))
_ADDED: Final = insert(tables.delivery)
_FINISHED: Final = delete(tables.delivery).where(_OF)
# What one letter's hold stops stands in its own row, so that it stops a worker that looks at the same moment; what a
# template or a service has to leave is looked up.
_HELD: Final = or_(
    tables.delivery.c.hold_id.is_not(None),
    exists().where(
        tables.hold.c.released_on.is_(None),
        tables.notification.c.id == tables.delivery.c.notification_id,
        or_(
            and_(tables.hold.c.scope == HoldScope.TEMPLATE, tables.hold.c.target == tables.notification.c.template),
            and_(tables.hold.c.scope == HoldScope.SERVICE, tables.hold.c.target == tables.notification.c.ordered_by),
        ),
    ),
)
_OBSTACLE: Final = case((_HELD, HELD), else_=tables.delivery.c.obstacle)
_DUE: Final = (
    select(
        tables.delivery.c.notification_id,
        tables.delivery.c.attempts,
        tables.delivery.c.due_at,
        tables.delivery.c.correlation_id,
        tables.delivery.c.traceparent,
    )
    .where(
        tables.delivery.c.step == bindparam("doing"),
        tables.delivery.c.due_at <= bindparam("now"),
        or_(tables.delivery.c.not_before.is_(None), tables.delivery.c.not_before <= bindparam("today")),
        or_(tables.delivery.c.step == PREPARING, not_(_HELD)),
    )
    .order_by(tables.delivery.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(of=tables.delivery, skip_locked=True)
)
_ADVANCE: Final = text("""
    UPDATE delivery SET step = next.step, due_at = :due_at, attempts = 0, obstacle = NULL
    FROM unnest(CAST(:ids AS uuid[]), CAST(:steps AS text[])) AS next (id, step) WHERE notification_id = next.id
""")


class Step(StrEnum):
    """What is to be done next for a notification."""

    PREPARE = "prepare"
    LETTER = Channel.LETTER.value
    EMAIL = Channel.EMAIL.value
    INBOX = "inbox"


@dataclass(frozen=True)
class Delivery:
    """One piece of work, held by this transaction alone."""

    notification_id: UUID
    step: Step
    attempts: int
    due_at: datetime
    correlation_id: str | None = None
    traceparent: str | None = None

    @property
    def cause(self) -> Cause:
        """The conversation of the order goes on, in its trace."""
        return Cause.begin(self.correlation_id, None, self.traceparent)


@dataclass(frozen=True)
class Waiting:
    """How much work of a step waits, since when, and what stops it."""

    step: Step
    obstacle: str | None
    count: int
    since: datetime


class Deliveries:
    """The work still to do."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self,
        notification_id: UUID,
        *,
        not_before: date | None,
        due_at: datetime,
        step: Step = Step.PREPARE,
        cause: Cause | None = None,
    ) -> None:
        """Leave a step of a notification, the first one of a new one, to the workers; not before that business date."""
        row = {"notification_id": notification_id, "step": step, "not_before": not_before, "due_at": due_at}
        if cause is not None:
            row |= {"correlation_id": cause.correlation_id, "traceparent": cause.traceparent}
        await self._connection.execute(_ADDED, row)

    async def claim(self, step: Step, *, today: date, now: datetime, most: int) -> Sequence[Delivery]:
        """Take the work that is due for longest and held by no other worker, so much of it at most."""
        asked = {"doing": step, "now": now, "today": today, "most": most}
        rows = await self._connection.execute(_DUE, asked)
        return [Delivery(row[0], step, *row[1:]) for row in rows]

    async def advance(self, steps: Mapping[UUID, Step], *, due_at: datetime) -> None:
        """What was to be done is done; the next step of each notification is due."""
        values = {"ids": list(steps), "steps": [step.value for step in steps.values()], "due_at": due_at}
        await self._connection.execute(_ADVANCE, values)

    async def postpone(self, delivery: Delivery, obstacle: str, *, due_at: datetime) -> None:
        """Try the same step again later; the code says what stopped it."""
        table = tables.delivery
        values = {"due_at": due_at, "attempts": delivery.attempts + 1, "obstacle": obstacle}
        changed = update(table).where(table.c.notification_id == delivery.notification_id).values(values)
        await self._connection.execute(changed)

    async def finish(self, ids: Sequence[UUID]) -> None:
        """Nothing is left to do for these notifications."""
        await self._connection.execute(_FINISHED, {"ids": ids})

    async def of_steps(self, steps: Sequence[Step]) -> Sequence[UUID]:
        """The notifications for which one of these steps is to be done."""
        table = tables.delivery.c
        return list(await self._connection.scalars(select(table.notification_id).where(table.step.in_(steps))))

    async def drop_where_the_outbox_is_ahead(self) -> Sequence[UUID]:
        """Remove the work for notifications that have published more than their row knows; which they are.

        Nothing they record from here on can be stored, so whatever they hand over would be handed over for ever.
        """
        ahead = (
            select(tables.notification.c.id)
            .join(tables.chassis.outbox, tables.chassis.outbox.c.key == cast(tables.notification.c.id, Text))
            .where(
                tables.chassis.outbox.c.topic == NotificationDispatched.topic,
                tables.chassis.outbox.c.sequence > tables.notification.c.sequence,
            )
        )
        table = tables.delivery
        dropped = delete(table).where(table.c.notification_id.in_(ahead)).returning(table.c.notification_id)
        return list(await self._connection.scalars(dropped))

    async def obstacles(self, ids: Sequence[UUID]) -> Mapping[UUID, str | None]:
        """What stops the deliveries that still wait, by notification."""
        table = tables.delivery.c
        found = select(table.notification_id, _OBSTACLE).where(table.notification_id.in_(ids))
        return {row[0]: row[1] for row in await self._connection.execute(found)}

    async def lock(self, notification_id: UUID) -> Step | None:
        """The step that is to be done for a notification, held by this transaction; None when nothing is.

        Whoever does it at this moment is waited for.
        """
        table = tables.delivery
        found = select(table.c.step).where(table.c.notification_id == notification_id).with_for_update()
        step = await self._connection.scalar(found)
        return None if step is None else Step(step)

    async def hold_back(self, notification_id: UUID, hold_id: UUID | None) -> None:
        """Keep a notification in the house as long as the hold is in force, or with None no longer."""
        table = tables.delivery
        changed = update(table).where(table.c.notification_id == notification_id).values(hold_id=hold_id)
        await self._connection.execute(changed)

    async def steps_waiting(self) -> Sequence[Step]:
        """The steps for which any work waits."""
        return [Step(step) for step in await self._connection.scalars(select(tables.delivery.c.step).distinct())]

    async def waiting(self, *, today: date) -> Sequence[Waiting]:
        """All work that may be done today, by step and obstacle."""
        table = tables.delivery.c
        due = select(table.step, _OBSTACLE.label("stopped_by"), table.waiting_since).where(
            or_(table.not_before.is_(None), table.not_before <= today)
        )
        each = due.subquery().c
        found = select(each.step, each.stopped_by, func.count(), func.min(each.waiting_since)).group_by(
            each.step, each.stopped_by
        )
        return [Waiting(Step(step), *row) for step, *row in await self._connection.execute(found)]
