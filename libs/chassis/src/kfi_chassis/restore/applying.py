"""Does what a plan says, each event in a transaction of its own; done twice it is the same as once.

Published events and forgotten records take turns in the order of their times. What is refused because something else
must come first is tried again, as long as anything moves; what is refused then is put on the desk of the dead letters,
the event under the reason of its refusal. An outage ends it; run again, it goes on where it stopped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import text

from kfi_chassis import dead_letters, inbox
from kfi_chassis.accounts import Outcome
from kfi_chassis.dead_letters import Poison
from kfi_chassis.deliveries import Readable, Unreadable
from kfi_chassis.guard import Guard, run_handlers
from kfi_chassis.identity import SYSTEM
from kfi_chassis.process import Process
from kfi_chassis.restore.declaration import Left, Past, Recovery
from kfi_chassis.restore.history import OwnEvent
from kfi_chassis.restore.plan import Plan
from kfi_chassis.restore.rebuilding import keep_published, rebuilding
from kfi_chassis.retention import sealed_topics
from kfi_chassis.subscriptions import reason_of
from kfi_chassis.transient import is_outage
from kfi_chassis.work import Transactions, Work

TWICE: Final = Left("sequence_issued_twice")
NOT_REBUILT: Final = Left("not_rebuilt")
_MARK: Final = text("""
    DELETE FROM outbox_due WHERE position = (SELECT position FROM outbox WHERE event_id = :id)
""")
_RECORDED: Final = text("SELECT true FROM outbox WHERE event_id = :id")
_REMOVE: Final = text("""
    WITH gone AS (DELETE FROM outbox WHERE event_id = :id RETURNING position)
    DELETE FROM outbox_due WHERE position IN (SELECT position FROM gone)
""")

Item = OwnEvent | Readable | Unreadable


@dataclass(frozen=True)
class Done:
    """What became of one event: `marked`, `rebuilt`, `handed over`, or `for a person` with the reason."""

    word: str
    item: Item | str
    """The event; a sentence where there is none."""
    reason: str = ""


class Applying:
    """One run of the command over one plan."""

    def __init__(self, process: Process, plan: Plan, *, operator: str) -> None:
        service, settled = process.service, process.transactions
        self._plan = plan
        self._actor = SYSTEM(f"restore:{operator}")
        self._recovery = service.recovery or Recovery()
        self._group = service.name if service.consumer is None else service.consumer.group
        self._transactions: Transactions[Any] = Transactions(
            settled.engine,
            rebuilding(settled._work_class, plan.published),
            clock=settled.clock,
            calendar=settled.calendar,
        )
        consumer = service.consumer
        self._guard = None if consumer is None else Guard(consumer, self._transactions, process.metrics)
        self._events = tuple(each.event for each in plan.published)

    async def run(self) -> list[Done]:
        """All of it. Raises what an outage raises."""
        done = [await self._marked(own) for own in self._plan.to_mark]
        done += [await self._put_on_the_desk(own, TWICE) for own in self._plan.twice]
        done += await self._taken_in_turns()
        done += await self._looked_outside()
        if done:
            await self._transactions.run(lambda work: self._noted(work, done), actor=self._actor)
        return done

    async def _marked(self, own: OwnEvent) -> Done:
        statement = _REMOVE if own.record.topic in sealed_topics() else _MARK

        async def use(work: Work) -> None:
            await work.connection.execute(statement, {"id": own.envelope.id})

        await self._transactions.run(use, actor=self._actor)
        return Done("marked", own)

    async def _taken_in_turns(self) -> list[Done]:
        done: list[Done] = []
        waiting: Sequence[Item] = sorted((*self._plan.to_rebuild, *self._plan.to_hand_over), key=_when)
        refusals: dict[int, Exception] = {}
        moved = True
        while waiting and moved:
            refusals, before = {}, len(waiting)
            waiting = [item async for item in self._round(waiting, done, refusals)]
            moved = len(waiting) < before
        for item in waiting:
            done.append(await self._given_up(item, refusals.get(id(item))))  # noqa: PERF401 - one after the other
        return done

    async def _round(self, waiting: Sequence[Item], done: list[Done], refusals: dict[int, Exception]) -> Any:
        """Try each once; yields those that have to wait, with all that come after them under the same key."""
        blocked: set[object] = set()
        for item in waiting:
            if _key(item) in blocked:
                yield item
                continue
            try:
                done.append(await self._tried(item))
            except Exception as error:
                if is_outage(error):
                    raise
                refusals[id(item)] = error
                blocked.add(_key(item))
                yield item

    async def _tried(self, item: Item) -> Done:
        if isinstance(item, OwnEvent):
            return await self._transactions.run(lambda work: self._rebuilt(item, work), actor=self._actor)
        if isinstance(item, Unreadable):
            return await self._given_up(item, None)
        done = await self._transactions.run(lambda work: self._handed_over(item, work), actor=self._actor)
        return done or await self._given_up(item, None)

    async def _rebuilt(self, own: OwnEvent, work: Work) -> Done:
        """Call the service; the event keeps its place in the outbox whatever it says.

        Where a record that was handed over has led to it again, the outbox has it already.
        """
        if await work.connection.scalar(_RECORDED, {"id": own.envelope.id}):
            return Done("rebuilt", own)
        rebuild = self._recovery.rebuilder(own.envelope.type)
        past = Past(own.envelope, self._events)
        left = NOT_REBUILT if rebuild is None else await rebuild(own.event, past, work)
        await keep_published(work.connection, own)
        if left is None:
            return Done("rebuilt", own)
        await self._park(work, own, left)
        return Done("for a person", own, left.code)

    async def _handed_over(self, delivery: Readable, work: Work) -> Done | None:
        """Call the handlers; None, and nothing done, when the record has to wait behind a dead letter of its key."""
        key = delivery.record.topic, delivery.record.key or b""
        if delivery.holds_key and await dead_letters.held_keys(work.connection, self._group, [key]):
            return None
        await inbox.record(work.connection, self._group, [delivery.id])
        await run_handlers([delivery], work)
        return Done("handed over", delivery)

    async def _given_up(self, item: Item, refusal: Exception | None) -> Done:
        if isinstance(item, OwnEvent):
            return await self._put_on_the_desk(item, NOT_REBUILT, keep=True)
        assert self._guard is not None  # noqa: S101 - records to hand over come from a consumer
        outcome = (await self._guard.handle([item.record]))[0]
        if outcome is Outcome.HELD:
            raise ConnectionError
        word = "for a person" if outcome is Outcome.PARKED else "handed over"
        return Done(word, item, "" if refusal is None else reason_of(refusal))

    async def _put_on_the_desk(self, own: OwnEvent, left: Left, *, keep: bool = False) -> Done:
        async def use(work: Work) -> None:
            if keep:
                await keep_published(work.connection, own)
            await self._park(work, own, left)

        await self._transactions.run(use, actor=self._actor)
        return Done("for a person", own, left.code)

    async def _park(self, work: Work, own: OwnEvent, left: Left) -> None:
        poison = Poison(own.record, own.envelope.id, own.envelope.type, f"restore:{left.code}", holds_key=False)
        await dead_letters.park(work.connection, self._group, [poison])

    async def _looked_outside(self) -> list[Done]:
        step = self._recovery.last_step
        if step is None:
            return []
        found: list[str] = await self._transactions.run(step, actor=self._actor)
        return [Done("rebuilt", each) for each in found]

    async def _noted(self, work: Work, done: Sequence[Done]) -> None:
        """One audit row for the whole run; each aggregate has its own besides."""
        counts = {word.replace(" ", "_"): str(sum(each.word == word for each in done)) for word in _words(done)}
        work.audit.add(
            aggregate="restore",
            aggregate_id=uuid5(NAMESPACE_URL, f"urn:kfi:restore:{self._plan.to.isoformat()}"),
            version=1,
            action="restore",
            reason=self._plan.to.isoformat(),
            details=counts,
        )


def _words(done: Sequence[Done]) -> Iterator[str]:
    yield from sorted({each.word for each in done})


def _when(item: Item) -> float:
    """When it happened, by the event's own word; of a record that says nothing, when the broker took it."""
    if isinstance(item, Unreadable):
        return float(item.record.timestamp) / 1000
    return item.envelope.time.timestamp()


def _key(item: Item) -> object:
    return (type(item) is OwnEvent, item.record.topic, item.record.key)
