"""The towns' doors at the broker, in the database: what is asked for, and what the doorkeeper has done."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select, text, update

from kfi_allocation.domain.doors.kafka_door import (
    Credential,
    CredentialState,
    DoorState,
    KafkaDoor,
    Slot,
    topic_of,
)
from kfi_allocation.door_tables import KAFKA_CREDENTIAL, KAFKA_DOOR
from kfi_allocation.doors.feed import Entry
from kfi_allocation.doors.feed_writer import hold_feeds
from kfi_chassis.outbox import INSERT_AND_WAKE
from kfi_chassis.work import VersionConflict, Work

AGGREGATE: Final = "kafka-door"
_DOOR: Final = ("id", "ags", "version", "state", "opened_after")
_FORGET_DUE: Final = text("""
    WITH gone AS (DELETE FROM outbox_due USING outbox
                  WHERE outbox.position = outbox_due.position AND outbox.topic = :topic RETURNING outbox.position)
    DELETE FROM outbox WHERE position IN (SELECT position FROM gone)
""")


@dataclass(frozen=True, repr=False)
class Asked:
    """A user that the doorkeeper is to make; the password is sealed to it."""

    credential_id: UUID
    door: KafkaDoor
    slot: Slot
    sealed: str


class KafkaDoors:
    """The doors of one transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def of(self, ags: str) -> KafkaDoor | None:
        """The door of a town; None when it never asked for one."""
        return await self._found(select(KAFKA_DOOR).where(KAFKA_DOOR.c.ags == ags))

    async def to_change(self, ags: str, version: int | None = None) -> KafkaDoor | None:
        """The same, held until the transaction ends. Raises VersionConflict."""
        door = await self._found(select(KAFKA_DOOR).where(KAFKA_DOOR.c.ags == ags).with_for_update())
        if door is not None and version not in (None, door.version):
            raise VersionConflict(retry=False)
        return door

    async def add(self, ags: str) -> KafkaDoor:
        """A new door that is asked for."""
        door = KafkaDoor(id=uuid4(), ags=ags, version=0, state=DoorState.REQUESTED)
        row = {name: getattr(door, name) for name in _DOOR} | {"requested_at": self._work.clock.now()}
        await self._work.connection.execute(insert(KAFKA_DOOR).values(row))
        return door

    async def save(self, door: KafkaDoor, action: str, sealed: tuple[UUID, str] | None = None) -> None:
        """Store the door with its users, and its audit row; `sealed` is the password of a new one."""
        door.version += 1
        values = {name: getattr(door, name) for name in _DOOR}
        await self._work.connection.execute(update(KAFKA_DOOR).where(KAFKA_DOOR.c.id == door.id).values(values))
        for each in door.credentials:
            if sealed is not None and sealed[0] == each.id:
                await self._work.connection.execute(insert(KAFKA_CREDENTIAL).values(_row(door, each, sealed[1])))
            else:
                await self._store(each)
        self._work.audit.add(
            aggregate=AGGREGATE, aggregate_id=door.id, version=door.version, action=action, details={"ags": door.ags}
        )

    async def _store(self, credential: Credential) -> None:
        values = {"state": credential.state, "ends_at": credential.ends_at}
        if credential.state is not CredentialState.REQUESTED:
            values["sealed"] = None
        stored = update(KAFKA_CREDENTIAL).where(KAFKA_CREDENTIAL.c.id == credential.id)
        await self._work.connection.execute(stored.values(values))

    async def asked(self) -> Sequence[Asked]:
        """The users that are to be made."""
        found = (
            select(KAFKA_CREDENTIAL, KAFKA_DOOR.c.ags)
            .join(KAFKA_DOOR, KAFKA_DOOR.c.id == KAFKA_CREDENTIAL.c.door_id)
            .where(KAFKA_CREDENTIAL.c.state == CredentialState.REQUESTED.value)
            .order_by(KAFKA_CREDENTIAL.c.created_at)
        )
        rows = (await self._work.connection.execute(found)).all()
        doors = {row.ags: await self.of(row.ags) for row in rows}
        return [Asked(row.id, door, Slot(row.slot), row.sealed) for row in rows if (door := doors[row.ags]) is not None]

    async def ended(self) -> Sequence[tuple[UUID, str]]:
        """The users that may read no longer: id, and name at the broker."""
        found = (
            select(KAFKA_CREDENTIAL, KAFKA_DOOR.c.ags)
            .join(KAFKA_DOOR, KAFKA_DOOR.c.id == KAFKA_CREDENTIAL.c.door_id)
            .where(
                KAFKA_CREDENTIAL.c.state == CredentialState.ENDING.value,
                KAFKA_CREDENTIAL.c.ends_at <= self._work.clock.now(),
            )
        )
        rows = await self._work.connection.execute(found)
        return [(row.id, f"municipality-{row.ags}-{row.slot}") for row in rows]

    async def made(self, asked: Asked) -> None:
        """The broker knows the user. A door that waited for it is open for what gets a position from now on."""
        await hold_feeds(self._work, {asked.door.ags})
        door = await self.to_change(asked.door.ags)
        if door is None:
            return
        for each in door.credentials:
            if each.id == asked.credential_id and each.state is CredentialState.REQUESTED:
                each.state = CredentialState.ACTIVE
        if door.state is DoorState.REQUESTED:
            feeds = await hold_feeds(self._work, {door.ags})
            door.state, door.opened_after = DoorState.OPEN, feeds[door.ags].last_position
        await self.save(door, "open-kafka-user")

    async def revoked(self, credential_id: UUID) -> None:
        """The broker knows the user no more; with its last one a closing door is closed."""
        found = select(KAFKA_DOOR.c.ags).join(KAFKA_CREDENTIAL, KAFKA_CREDENTIAL.c.door_id == KAFKA_DOOR.c.id)
        ags = (await self._work.connection.execute(found.where(KAFKA_CREDENTIAL.c.id == credential_id))).scalar_one()
        door = await self.to_change(ags)
        if door is None:
            return
        for each in door.credentials:
            if each.id == credential_id:
                each.state = CredentialState.REVOKED
        await self.save(door, "revoke-kafka-user")

    async def close_those_without_users(self) -> int:
        """Close the doors whose users are all gone; what has not left for their topics stays in the feed alone."""
        users = select(KAFKA_CREDENTIAL.c.id).where(
            KAFKA_CREDENTIAL.c.door_id == KAFKA_DOOR.c.id, KAFKA_CREDENTIAL.c.state != CredentialState.REVOKED.value
        )
        closing = select(KAFKA_DOOR.c.ags).where(KAFKA_DOOR.c.state == DoorState.CLOSING.value, ~users.exists())
        towns = list((await self._work.connection.execute(closing)).scalars())
        for ags in towns:
            door = await self.to_change(ags)
            if door is not None and door.state is DoorState.CLOSING:
                await self._work.connection.execute(_FORGET_DUE, {"topic": door.topic})
                door.state = DoorState.CLOSED
                await self.save(door, "close-kafka-door")
        return len(towns)

    async def waiting_since(self) -> datetime | None:
        """Since when the doorkeeper has not done what it should have."""
        state, now = KAFKA_CREDENTIAL.c.state, self._work.clock.now()
        asked = select(func.min(KAFKA_CREDENTIAL.c.created_at)).where(state == CredentialState.REQUESTED.value)
        ended = select(func.min(KAFKA_CREDENTIAL.c.ends_at)).where(
            state == CredentialState.ENDING.value, KAFKA_CREDENTIAL.c.ends_at <= now
        )
        found = [(await self._work.connection.execute(each)).scalar_one() for each in (asked, ended)]
        return min((each for each in found if each is not None), default=None)

    async def _found(self, asked: object) -> KafkaDoor | None:
        row = (await self._work.connection.execute(asked)).one_or_none()  # type: ignore[call-overload]
        if row is None:
            return None
        users = (
            select(KAFKA_CREDENTIAL)
            .where(KAFKA_CREDENTIAL.c.door_id == row.id, KAFKA_CREDENTIAL.c.state != CredentialState.REVOKED.value)
            .order_by(KAFKA_CREDENTIAL.c.created_at)
        )
        credentials = [
            Credential(each.id, Slot(each.slot), CredentialState(each.state), each.created_at, each.ends_at)
            for each in await self._work.connection.execute(users)
        ]
        return KafkaDoor(row.id, row.ags, row.version, DoorState(row.state), row.opened_after, credentials)


async def hand_to_topics(entries: Sequence[Entry], work: Work) -> None:
    """Put positioned entries into the outbox for the towns whose door is open, with the feed's ids, in its order."""
    open_doors = select(KAFKA_DOOR.c.ags).where(
        KAFKA_DOOR.c.state == DoorState.OPEN.value, KAFKA_DOOR.c.ags.in_(sorted({each.ags for each in entries}))
    )
    towns = set((await work.connection.execute(open_doors)).scalars())
    rows = [each for each in entries if each.ags in towns]
    if not rows:
        return
    records = [each.record() for each in rows]
    columns = {
        "ids": [each.event_id for each in rows],
        "topics": [topic_of(each.ags) for each in rows],
        "keys": [key for key, _, _ in records],
        "sequences": [each.position for each in rows],
        "types": [each.type for each in rows],
        "headers": [json.dumps(headers) for _, _, headers in records],
        "payloads": [value for _, value, _ in records],
        "times": [each.occurred_at for each in rows],
    }
    await work.connection.execute(INSERT_AND_WAKE, columns)


def _row(door: KafkaDoor, credential: Credential, sealed: str) -> dict[str, object]:
    return {
        "id": credential.id,
        "door_id": door.id,
        "slot": credential.slot,
        "state": credential.state,
        "sealed": sealed,
        "created_at": credential.created_at,
        "ends_at": credential.ends_at,
    }
