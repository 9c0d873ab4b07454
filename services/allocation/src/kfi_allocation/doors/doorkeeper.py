"""Opens and closes the towns' doors at the broker: the only part that may make users there and give them rights.

It runs as a process of its own, with a user of its own at the broker. The processes that answer requests hold no such
right: they ask by a row with a password sealed to the doorkeeper. Each step may be repeated; it is noted as done only
after the broker has done it, so a doorkeeper that dies leaves nothing half done for good.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Final, Protocol, TypeVar

from kfi_allocation.doors.kafka_doors import Asked, KafkaDoors
from kfi_chassis import logs
from kfi_chassis.broker_users import BrokerRefused
from kfi_chassis.identity import SYSTEM
from kfi_chassis.sealing import Opener, SealingError
from kfi_chassis.transient import is_outage
from kfi_chassis.work import Transactions, Work

_SELF: Final = SYSTEM("doorkeeper")
_LOOK_SECONDS: Final = 1.0
_LONGEST_PAUSE: Final = 30.0

T = TypeVar("T")


class Keys(Protocol):
    """What the doorkeeper asks of the broker."""

    def make_topic(self, name: str, *, days: int) -> None:
        """A topic of one partition."""

    def make_user(self, name: str, password: str) -> None:
        """A user with this password."""

    def let_read(self, name: str, topic: str, group_prefix: str) -> None:
        """The user may read the topic."""

    def end_user(self, name: str) -> None:
        """The user is gone with its rights."""


class Doorkeeper:
    """Does what is asked for, again and again."""

    def __init__(self, transactions: Transactions[Work], broker: Keys, opener: Opener, *, days: int) -> None:
        self._transactions, self._broker, self._opener, self._days = transactions, broker, opener, days

    async def run(self, stop: asyncio.Event) -> None:
        """Look every second until told to stop; outages of either side are waited out."""
        pause = _LOOK_SECONDS
        while not stop.is_set():
            try:
                await self.turn()
                pause = _LOOK_SECONDS
            except Exception as error:
                if not (isinstance(error, BrokerRefused) or is_outage(error)):
                    raise
                logs.event("doorkeeper_waits", level=logging.WARNING, error=error)
                pause = min(pause * 2, _LONGEST_PAUSE)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await stop.wait()

    async def turn(self) -> int:
        """Make the users that are asked for, end those whose time is over; how many steps were done."""
        asked = await self._run(KafkaDoors.asked)
        for each in asked:
            await asyncio.to_thread(self._open, each)
            await self._run(partial(KafkaDoors.made, asked=each))
        ended = await self._run(KafkaDoors.ended)
        for credential_id, name in ended:
            await asyncio.to_thread(self._broker.end_user, name)
            await self._run(partial(KafkaDoors.revoked, credential_id=credential_id))
        return len(asked) + len(ended) + await self._run(KafkaDoors.close_those_without_users)

    def _open(self, asked: Asked) -> None:
        name = asked.door.username(asked.slot)
        try:
            password = self._opener.open(asked.sealed, bound_to=str(asked.credential_id)).decode()
        except SealingError as failure:
            raise BrokerRefused(f"seal:{failure.code}") from None
        self._broker.make_topic(asked.door.topic, days=self._days)
        self._broker.make_user(name, password)
        self._broker.let_read(name, asked.door.topic, asked.door.group_prefix)

    async def _run(self, use: Callable[[KafkaDoors], Awaitable[T]]) -> T:
        async def within(work: Work) -> T:
            return await use(KafkaDoors(work))

        return await self._transactions.run(within, actor=_SELF)
