"""The towns' feeds in the database: what is told is written by whoever causes it, positions by one writer alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from kfi_allocation.domain.doors.translation import Known
from kfi_allocation.door_tables import FEED, FEED_ENTRY, TOLD_TOWN
from kfi_chassis.work import Work
from kfi_contracts.cloudevents import CloudEvent
from kfi_contracts.municipality import MunicipalEvent, municipal_event_for
from kfi_contracts.outgoing import write

WRITER: Final = "feed"
"""The worker's step that gives positions; woken by whoever adds an entry."""
_NAMESPACE: Final = UUID("d3b2a7c4-51fe-4a0e-9b5c-6f8e1d7a2c90")


@dataclass(frozen=True)
class Feed:
    """How far a town's feed goes, and from where on it is kept."""

    ags: str
    generation: int = 1
    last_position: int = 0
    first_position: int = 1

    def holds_what_follows(self, position: int) -> bool:
        """Whether all that comes after a position is still, or already, there."""
        return self.first_position - 1 <= position <= self.last_position


@dataclass(frozen=True)
class Entry:
    """One positioned event of a town."""

    ags: str
    position: int
    event_id: UUID
    type: str
    data: bytes
    correlation_id: str | None
    occurred_at: datetime

    @property
    def event(self) -> MunicipalEvent:
        """The event. Raises LookupError for a type this release does not know."""
        model = municipal_event_for(self.type)
        if model is None:
            raise LookupError(self.type)
        return model.read(self.data)

    def envelope(self) -> CloudEvent:
        """The event as it goes through every door; its sequence is its place in the feed."""
        return CloudEvent.wrap(
            self.event,
            id=self.event_id,
            time=self.occurred_at,
            sequence=self.position,
            correlationid=self.correlation_id,
        )

    def record(self) -> tuple[str, bytes, dict[str, str]]:
        """Key, value and headers of its record in the town's topic."""
        return write(
            self.event,
            id=self.event_id,
            time=self.occurred_at,
            sequence=self.position,
            correlationid=self.correlation_id,
        )


_ENTRY: Final = (
    FEED_ENTRY.c.ags,
    FEED_ENTRY.c.position,
    FEED_ENTRY.c.event_id,
    FEED_ENTRY.c.type,
    FEED_ENTRY.c.data,
    FEED_ENTRY.c.correlation_id,
    FEED_ENTRY.c.occurred_at,
)


class Feeds:
    """The feeds of one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def tell(self, *events: MunicipalEvent) -> None:
        """Tell towns what happens in this transaction.

        The ids follow from the event that is being handled, so that the same cause never tells a town twice; what
        no event caused gets new ones.
        """
        if not events:
            return
        rows = [self._row(number, event) for number, event in enumerate(events)]
        added = insert(FEED_ENTRY).on_conflict_do_nothing(index_elements=["event_id"])
        await self._work.connection.execute(added, rows)
        self._work.wake(WRITER)

    def _row(self, number: int, event: MunicipalEvent) -> dict[str, Any]:
        cause = self._work.cause.causation_id
        return {
            "ags": event.ags,
            "event_id": uuid4() if cause is None else uuid5(_NAMESPACE, f"{cause}/{event.type}/{event.ags}/{number}"),
            "type": event.type,
            "data": event.model_dump_json().encode(),
            "correlation_id": self._work.correlation_id,
            "occurred_at": self._work.clock.now(),
        }

    async def of(self, ags: str, *, held: bool = False) -> Feed:
        """A town's feed as it is; `held`, it stays so until the transaction ends."""
        found = select(FEED).where(FEED.c.ags == ags)
        row = (await self._work.connection.execute(found.with_for_update(read=True) if held else found)).one_or_none()
        return Feed(ags) if row is None else Feed(**row._asdict())

    async def after(self, ags: str, position: int, *, rows: int) -> Sequence[Entry]:
        """The events that follow a position, in order."""
        found = (
            select(*_ENTRY)
            .where(FEED_ENTRY.c.ags == ags, FEED_ENTRY.c.position > position)
            .order_by(FEED_ENTRY.c.position)
            .limit(rows)
        )
        return [Entry(**row._asdict()) for row in await self._work.connection.execute(found)]

    async def grown(self, seen: Mapping[str, int]) -> set[str]:
        """Those of the towns whose feed goes on after the position seen."""
        found = select(FEED.c.ags, FEED.c.last_position).where(FEED.c.ags.in_(sorted(seen)))
        rows = await self._work.connection.execute(found)
        return {row.ags for row in rows if row.last_position > seen[row.ags]}

    async def oldest_without_position(self) -> datetime | None:
        """Since when the oldest entry waits for its position."""
        found = select(func.min(FEED_ENTRY.c.occurred_at)).where(FEED_ENTRY.c.position.is_(None))
        return (await self._work.connection.execute(found)).scalar_one()  # type: ignore[no-any-return]

    async def known(self, household_id: UUID) -> dict[str, Known]:
        """What each town was last told of a household; held until the transaction ends."""
        found = select(TOLD_TOWN).where(TOLD_TOWN.c.household_id == household_id).with_for_update()
        rows = await self._work.connection.execute(found)
        return {row.ags: Known(row.persons, row.arrival_on, row.current) for row in rows}

    async def know(self, household_id: UUID, known: Mapping[str, Known]) -> None:
        """Note what towns were told."""
        if not known:
            return
        row = insert(TOLD_TOWN)
        changed = {name: row.excluded[name] for name in ("persons", "arrival_on", "current")}
        rows = [
            {"household_id": household_id, "ags": ags, "persons": each.persons, "arrival_on": each.arrival_on,
             "current": each.current}
            for ags, each in sorted(known.items())
        ]  # fmt: skip
        noted = row.on_conflict_do_update(index_elements=["household_id", "ags"], set_=changed)
        await self._work.connection.execute(noted, rows)

    async def renew(self) -> None:
        """End all cursors, after the database was set back: positions may have been given to other events."""
        await self._work.connection.execute(FEED.update().values(generation=FEED.c.generation + 1))

    async def drop_before(self, moment: datetime) -> int:
        """Drop the beginning of every feed up to the first event that is not older; tells how many events went."""
        kept = (
            select(FEED_ENTRY.c.ags, func.min(FEED_ENTRY.c.position).label("position"))
            .where(FEED_ENTRY.c.occurred_at >= moment, FEED_ENTRY.c.position.is_not(None))
            .group_by(FEED_ENTRY.c.ags)
            .subquery()
        )
        first = func.coalesce(
            select(kept.c.position).where(kept.c.ags == FEED.c.ags).scalar_subquery(), FEED.c.last_position + 1
        )
        moved = FEED.update().values(first_position=first).where(first > FEED.c.first_position)
        await self._work.connection.execute(moved)
        beginning = select(FEED.c.first_position).where(FEED.c.ags == FEED_ENTRY.c.ags).scalar_subquery()
        gone = await self._work.connection.execute(delete(FEED_ENTRY).where(FEED_ENTRY.c.position < beginning))
        return gone.rowcount
