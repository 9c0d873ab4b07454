"""What a town does with its door at the broker. Passwords are made here, told once, and kept sealed."""

import json
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from kfi_allocation.domain.doors.kafka_door import Credential, DoorNotOpen, DoorState, DoorThere, KafkaDoor, Slot
from kfi_allocation.work import AllocationWork
from kfi_chassis.problem import define
from kfi_chassis.problems import Problem
from kfi_chassis.sealing import Sealer

_PASSWORD_BYTES: Final = 32


class NotOffered(Problem):
    """Nobody keeps the doors at the broker here."""

    kind = define(
        "kafka-door-not-offered", 503, "Doors at the broker are not offered",
        "This installation has no doorkeeper for topics of towns.",
        "Use the feed or webhooks, or ask the authority for a door at the broker.",
    )  # fmt: skip


@dataclass(frozen=True, repr=False)
class Issued:
    """A user that was asked for, with the password that is told once."""

    credential: Credential
    username: str
    password: str


class Issuing:
    """One request for a user; it remembers the password for the answer, and nothing else does."""

    def __init__(self, ags: str) -> None:
        self.ags = ags
        self.issued: Issued | None = None

    async def open_door(self, work: AllocationWork) -> UUID:
        """Ask for the door and its first user. Raises NotOffered, DoorThere."""
        sealer = _sealer(work)
        door = await work.kafka_doors.to_change(self.ags) or await work.kafka_doors.add(self.ags)
        if door.credentials or door.state in (DoorState.OPEN, DoorState.CLOSING):
            raise DoorThere("The town has a door.", fix="Change its user, or close it first.")
        door.state, door.opened_after = DoorState.REQUESTED, None
        return await self._ask(door, sealer, "ask-for-kafka-door", work)

    async def change_user(self, work: AllocationWork) -> UUID:
        """Ask for another user; the one before it may read for a week. Raises NotOffered and as `KafkaDoor.ask`."""
        door = await existing(self.ags, None, work)
        return await self._ask(door, _sealer(work), "ask-for-kafka-user", work)

    async def _ask(self, door: KafkaDoor, sealer: Sealer, action: str, work: AllocationWork) -> UUID:
        credential = door.ask(uuid4(), work.clock.now())
        password = secrets.token_urlsafe(_PASSWORD_BYTES)
        sealed = sealer.seal(password.encode(), bound_to=str(credential.id))
        await work.kafka_doors.save(door, action, (credential.id, sealed))
        self.issued = Issued(credential, door.username(credential.slot), password)
        return credential.id


async def existing(ags: str, seen: int | None, work: AllocationWork) -> KafkaDoor:
    """The town's door, to change it. Raises DoorNotOpen when it never asked for one, VersionConflict."""
    door = await work.kafka_doors.to_change(ags, seen)
    if door is None:
        raise DoorNotOpen("The town has no door at the broker.", fix="Ask for the door first.")
    return door


async def revoke(ags: str, slot: Slot, seen: int, work: AllocationWork) -> KafkaDoor:
    """End one user at once."""
    door = await existing(ags, seen, work)
    door.revoke(slot, work.clock.now())
    await work.kafka_doors.save(door, "end-kafka-user")
    return door


async def close(ags: str, seen: int, work: AllocationWork) -> KafkaDoor:
    """End all users at once, and write nothing into the topic any more."""
    door = await existing(ags, seen, work)
    door.close(work.clock.now())
    await work.kafka_doors.save(door, "close-kafka-door")
    return door


def _sealer(work: AllocationWork) -> Sealer:
    path = work.settings.doorkeeper_key_file
    if path is None:
        raise NotOffered
    return doorkeeper_sealer(path)


@cache
def doorkeeper_sealer(path: Path) -> Sealer:
    """What seals passwords to the doorkeeper; read once per process."""
    return Sealer(json.loads(path.read_text(encoding="utf-8")))
