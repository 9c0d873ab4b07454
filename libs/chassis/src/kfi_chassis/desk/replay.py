"""Deals with dead letters: through the service's own handlers, in order per key, each letter in one transaction."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from kfi_chassis import dead_letters, logs
from kfi_chassis.dead_letters import Key, Letter
from kfi_chassis.deliveries import Readable, read
from kfi_chassis.guard import run_handlers
from kfi_chassis.identity import SYSTEM
from kfi_chassis.subscriptions import Consumer, Unprocessable, reason_of
from kfi_chassis.transient import is_outage
from kfi_chassis.work import Transactions, Work


class LetterUnknownError(LookupError):
    """There is no such letter, or it is resolved already."""


class NotItsTurnError(Exception):
    """An earlier letter holds the same key and must be resolved first."""

    def __init__(self, first: int) -> None:
        super().__init__(f"letter {first} holds the same key and comes first")
        self.first = first


@dataclass(frozen=True)
class Attempt:
    """How the replay of one letter ended; without a failure its effects are stored and it is resolved."""

    number: int
    failure: str | None = None


class Desk:
    """Resolves the dead letters of one consumer."""

    def __init__(self, consumer: Consumer, transactions: Transactions[Any], *, operator: str) -> None:
        self._consumer = consumer
        self._transactions = transactions
        self._operator = operator
        self._actor = SYSTEM(consumer.group)

    async def letter(self, number: int) -> Letter:
        """Read one letter. Raises LetterUnknownError."""
        async with self._transactions.engine.connect() as connection:
            letter = await dead_letters.letter(connection, self._consumer.group, number)
        if letter is None:
            raise LetterUnknownError(f"there is no letter {number}")
        return letter

    async def replay(self, number: int) -> AsyncIterator[Attempt]:
        """Hand a letter to its handler, and then, in order, those that wait behind it; ends at the first failure.

        Raises LetterUnknownError, NotItsTurnError, or what an outage raises; then nothing of that letter is stored.
        """
        key = (await self.letter(number)).key
        attempt = await self._attempt(number, key)
        yield attempt
        while key is not None and attempt.failure is None:
            following = await self._next(key)
            if following is None:
                return
            attempt = await self._attempt(following, key)
            yield attempt

    async def discard(self, number: int, reason: str) -> None:
        """Resolve a letter without acting on it, for a reason that is kept. Raises as `replay` does."""
        if not reason.strip():
            raise ValueError("say why the letter is discarded")
        key = (await self.letter(number)).key

        async def use(work: Work) -> None:
            await self._claim(work, number, key)
            await dead_letters.resolve(work.connection, number, "discarded", by=self._operator, reason=reason)

        await self._transactions.run(use, actor=self._actor)
        logs.event("letter_discarded", number=number, by=self._operator)

    async def _attempt(self, number: int, key: Key | None) -> Attempt:
        try:
            await self._transactions.run(lambda work: self._replay_one(work, number, key), actor=self._actor)
        except (LetterUnknownError, NotItsTurnError):
            raise
        except Exception as error:
            if is_outage(error) and not isinstance(error, Unprocessable):
                raise
            failure = reason_of(error)
            await self._transactions.run(
                lambda work: dead_letters.note_attempt(work.connection, number, failure), actor=self._actor
            )
            logs.event("letter_failed_again", level=logging.WARNING, error=error, number=number, reason=failure)
            return Attempt(number, failure)
        logs.event("letter_replayed", number=number, by=self._operator)
        return Attempt(number)

    async def _replay_one(self, work: Work, number: int, key: Key | None) -> None:
        letter = await self._claim(work, number, key)
        delivery = read(letter.record, self._consumer)
        if not isinstance(delivery, Readable):
            raise Unprocessable(getattr(delivery, "fault", "nobody_subscribed"))
        await run_handlers([delivery], work)
        await dead_letters.resolve(work.connection, number, "replayed", by=self._operator)

    async def _claim(self, work: Work, number: int, key: Key | None) -> Letter:
        if key is not None:
            await dead_letters.lock_keys(work.connection, self._consumer.group, [key])
            first = await dead_letters.first_of_key(work.connection, self._consumer.group, key)
            if first is not None and first.number != number:
                raise NotItsTurnError(first.number)
        letter = await dead_letters.claim(work.connection, number)
        if letter is None:
            raise LetterUnknownError(f"letter {number} is resolved already")
        return letter

    async def _next(self, key: Key) -> int | None:
        async with self._transactions.engine.begin() as connection:
            first = await dead_letters.first_of_key(connection, self._consumer.group, key)
            return None if first is None else first.number
