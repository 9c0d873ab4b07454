"""Deals with dead letters: through the service's own handlers, in order per key, each letter in one transaction.

What was decided stands in the letter's row and, for good, in the audit: who, when, why, and what a replay did.
"""

import logging
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from kfi_chassis import dead_letters, logs
from kfi_chassis.audit import Audit
from kfi_chassis.dead_letters import Key, Letter
from kfi_chassis.deliveries import Readable, read
from kfi_chassis.desk import letters
from kfi_chassis.guard import run_handlers
from kfi_chassis.identity import SYSTEM, Principal
from kfi_chassis.subscriptions import Consumer, Unprocessable, reason_of
from kfi_chassis.transient import is_outage
from kfi_chassis.work import Transactions, Work

REASON: Final = r"[A-Za-z0-9][A-Za-z0-9._:/#-]{1,79}"
"""What a reason looks like that is kept for good: a code or a reference, without room for a name."""


class LetterUnknownError(LookupError):
    """There is no such letter, or it is resolved already."""


class NotItsTurnError(Exception):
    """An earlier letter holds the same key and must be resolved first."""

    def __init__(self, first: int) -> None:
        super().__init__(f"letter {first} holds the same key and comes first")
        self.first = first


class LetterChangedError(Exception):
    """Somebody replayed the letter since it was read."""


class NotACodeError(ValueError):
    """A reason is a code or a reference of 2 to 80 characters, never a sentence: it is kept for good."""

    def __init__(self) -> None:
        super().__init__("say why, by a code or a reference without blanks, like OPS-17")


@dataclass(frozen=True)
class Attempt:
    """How the replay of one letter ended; without a failure its effects are stored and it is resolved.

    `led_by` is the letter whose replay took it along, which is itself for the first of its key.
    """

    number: int
    failure: str | None = None
    led_by: int = field(default=0, compare=False)


def operator_account(name: str) -> Principal:
    """Who sits at the desk, as it is kept with what was decided."""
    subject = f"operator:{name}"
    return Principal(subject=subject, person=subject, roles=frozenset())


class Desk:
    """Resolves the dead letters of one consumer."""

    def __init__(self, consumer: Consumer, transactions: Transactions[Any], *, operator: Principal) -> None:
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

    async def standing(self, letter: Letter) -> tuple[int | None, int]:
        """Which letter of its key comes first, and how many wait behind it."""
        if letter.key is None or letter.resolution is not None:
            return None, 0
        async with self._transactions.engine.connect() as connection:
            return await letters.standing(connection, self._consumer.group, letter.key, letter.number)

    async def open_of_key(self, number: int) -> int:
        """How many letters of the key that this one holds, or held, are open."""
        key = (await self.letter(number)).key
        if key is None:
            return 0
        async with self._transactions.engine.connect() as connection:
            return (await letters.standing(connection, self._consumer.group, key, 0))[1]

    async def replay(self, number: int, reason: str, *, seen: int | None = None) -> AsyncIterator[Attempt]:
        """Hand a letter to its handler, and then, in order, those that wait behind it; ends at the first failure.

        Raises LetterUnknownError, NotItsTurnError, LetterChangedError when its version is not the one seen,
        NotACodeError, or what an outage raises; then nothing of that letter is stored.
        """
        _require_code(reason)
        key = (await self.letter(number)).key
        attempt = await self._attempt(number, key, reason, seen)
        yield attempt
        while key is not None and attempt.failure is None:
            following = await self._next(key)
            if following is None:
                return
            attempt = await self._attempt(following, key, reason, None)
            yield attempt

    async def replay_all(self, parked_for: str, reason: str, *, after: int = 0) -> AsyncIterator[Attempt]:
        """Replay every letter that was parked for a reason, oldest first, each with those that wait behind it.

        A letter is tried once; one that fails holds up no other. Raises as `replay` does, but for letters that somebody
        else resolves meanwhile.
        """
        async with self._transactions.engine.connect() as connection:
            found = await letters.next_of_reason(connection, self._consumer.group, parked_for, after=after)
        while found is not None:
            try:
                async for attempt in self.replay(found, reason):
                    yield replace(attempt, led_by=found)
            except (LetterUnknownError, NotItsTurnError):
                logs.event("letter_resolved_meanwhile", number=found)
            async with self._transactions.engine.connect() as connection:
                found = await letters.next_of_reason(connection, self._consumer.group, parked_for, after=found)

    async def discard(self, number: int, reason: str, *, seen: int | None = None) -> int | None:
        """Resolve a letter without acting on it, for a reason that is kept; returns the next letter of its key.

        Raises as `replay` does.
        """
        _require_code(reason)
        key = (await self.letter(number)).key

        async def use(work: Work) -> None:
            letter = await self._claim(work, number, key, seen)
            await self._resolve(work, letter, "discarded", reason)

        await self._transactions.run(use, actor=self._actor)
        logs.event("letter_discarded", number=number, by=self._operator.subject)
        return None if key is None else await self._next(key)

    async def _attempt(self, number: int, key: Key | None, reason: str, seen: int | None) -> Attempt:
        try:
            await self._transactions.run(
                lambda work: self._replay_one(work, number, key, reason, seen), actor=self._actor
            )
        except (LetterUnknownError, NotItsTurnError, LetterChangedError):
            raise
        except Exception as error:
            if is_outage(error) and not isinstance(error, Unprocessable):
                raise
            failure = reason_of(error)
            await self._transactions.run(lambda work: self._note_failure(work, number, failure), actor=self._actor)
            logs.event("letter_failed_again", level=logging.WARNING, error=error, number=number, reason=failure)
            return Attempt(number, failure)
        logs.event("letter_replayed", number=number, by=self._operator.subject)
        return Attempt(number)

    async def _replay_one(self, work: Work, number: int, key: Key | None, reason: str, seen: int | None) -> None:
        letter = await self._claim(work, number, key, seen)
        delivery = read(letter.record, self._consumer)
        if not isinstance(delivery, Readable):
            raise Unprocessable(getattr(delivery, "fault", "nobody_subscribed"))
        await run_handlers([delivery], work)
        await self._resolve(work, letter, "replayed", reason)

    async def _resolve(self, work: Work, letter: Letter, how: str, reason: str) -> None:
        await dead_letters.resolve(work.connection, letter.number, how, by=self._operator.subject, reason=reason)
        await self._record(work, letter, how, reason)

    async def _note_failure(self, work: Work, number: int, failure: str) -> None:
        letter = await dead_letters.claim(work.connection, number)
        if letter is not None:
            await dead_letters.note_attempt(work.connection, number, failure)
            await self._record(work, letter, "replay-failed", failure)

    async def _record(self, work: Work, letter: Letter, action: str, reason: str) -> None:
        """In the audit the operator is who acted, though the handlers' effects are the service's own."""
        audit = Audit(work.clock, self._operator)
        audit.cause = work.cause
        audit.add(
            aggregate="dead-letter",
            aggregate_id=self._id_of(letter.number),
            version=letter.version + 1,
            action=action,
            reason=reason,
            details={"number": str(letter.number), "event": str(letter.event_id), "parked_for": letter.reason},
        )
        await audit.flush(work.connection)

    def _id_of(self, number: int) -> UUID:
        return uuid5(NAMESPACE_URL, f"urn:kfi:dead-letter:{self._consumer.group}:{number}")

    async def _claim(self, work: Work, number: int, key: Key | None, seen: int | None) -> Letter:
        if key is not None:
            await dead_letters.lock_keys(work.connection, self._consumer.group, [key])
        letter = await dead_letters.claim(work.connection, number)
        if letter is None:
            raise LetterUnknownError(f"letter {number} is resolved already")
        first = None if key is None else await dead_letters.first_of_key(work.connection, self._consumer.group, key)
        if first is not None and first.number != number:
            raise NotItsTurnError(first.number)
        if seen is not None and letter.version != seen:
            raise LetterChangedError
        return letter

    async def _next(self, key: Key) -> int | None:
        async with self._transactions.engine.begin() as connection:
            first = await dead_letters.first_of_key(connection, self._consumer.group, key)
            return None if first is None else first.number


def _require_code(reason: str) -> None:
    if not re.fullmatch(REASON, reason):
        raise NotACodeError
