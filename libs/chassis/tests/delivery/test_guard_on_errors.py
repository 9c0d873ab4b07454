"""The guard when a handler or the database fails: conflicts tried again, outages waited out, the rest parked."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from kfi_chassis.accounts import Outcome
from kfi_chassis.consumer import Consumer, Unprocessable
from kfi_chassis.guard import Guard
from kfi_chassis.metrics import Metrics
from kfi_chassis.testkit.delivery import deliver
from kfi_chassis.testkit.events import Happened
from kfi_chassis.work import VersionConflict, Work

from .handlers import some

pytestmark = pytest.mark.servers

HANDLED, DUPLICATE, SKIPPED, PARKED, HELD = Outcome


async def test_a_conflict_is_tried_again_in_a_fresh_transaction(
    database: Any, happened: Any, consumer: Consumer
) -> None:
    tries: list[Work] = []

    @consumer.on(happened)
    async def conflict_twice(event: Happened, work: Any) -> None:
        tries.append(work)
        await work.note(event)
        if len(tries) < 3:
            raise VersionConflict

    accounts = await deliver(consumer, database.transactions, some(happened, [1]))
    accounts.check()
    assert await database.effects() == [1]
    assert len(set(map(id, tries))) == len(tries) == 3


async def test_a_conflict_that_stays_holds_its_partition_and_parks_nothing(
    database: Any, happened: Any, consumer: Consumer
) -> None:
    @consumer.on(happened)
    async def conflict(event: Happened, work: Any) -> None:
        if event.number == 2:
            raise VersionConflict
        await work.note(event)

    outcomes = await Guard(consumer, database.transactions, Metrics()).handle(some(happened, [1, 2, 3]))
    assert outcomes == [HANDLED, HELD, HELD]
    assert await database.effects() == [1]
    assert not await database.letters(consumer.group)


async def test_deadlocks_and_serialisation_failures_are_conflicts(
    database: Any, happened: Any, consumer: Consumer
) -> None:
    states = ["40001", "40P01"]

    @consumer.on(happened)
    async def fail_as_postgres_does(event: Happened, work: Any) -> None:
        if states:
            raise_it = f"DO $$ BEGIN RAISE EXCEPTION USING errcode = '{states.pop()}'; END $$"
            await work.connection.execute(text(raise_it))
        await work.note(event)

    accounts = await deliver(consumer, database.transactions, some(happened, [1]))
    assert accounts.total(HANDLED) == 1


@pytest.mark.parametrize("state", ["08006", "53300", "57P01", "57014", "55P03"])
async def test_an_outage_gives_back_and_parks_nothing(
    database: Any, happened: Any, consumer: Consumer, state: str
) -> None:
    @consumer.on(happened)
    async def outage(event: Happened, work: Any) -> None:
        await work.connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION USING errcode = '{state}'; END $$"))

    accounts = await deliver(consumer, database.transactions, some(happened, [1, 2]))
    accounts.check()
    assert accounts.total(HELD) == 2
    assert not await database.letters(consumer.group)
    assert await database.scalar("SELECT count(*) FROM inbox") == 0


async def test_an_error_nobody_expected_parks_without_its_text(
    database: Any, happened: Any, consumer: Consumer
) -> None:
    @consumer.on(happened)
    async def defect(event: Happened, work: Any) -> None:
        raise KeyError("Erika Mustermann")

    await deliver(consumer, database.transactions, some(happened, [1]))
    [letter] = await database.letters(consumer.group)
    assert letter.reason == "unexpected:KeyError"


@pytest.mark.parametrize("leaked", [asyncio.CancelledError, SystemExit])
async def test_a_cancellation_that_leaks_out_of_a_handler_is_held_and_does_not_pass(
    database: Any, happened: Any, consumer: Consumer, leaked: type[BaseException]
) -> None:
    @consumer.on(happened)
    async def leak(event: Happened, work: Any) -> None:
        raise leaked

    accounts = await deliver(consumer, database.transactions, some(happened, [1]))
    assert accounts.total(HELD) == 1


async def test_the_cancellation_of_the_consumer_itself_passes(database: Any, happened: Any, consumer: Consumer) -> None:
    began = asyncio.Event()

    @consumer.on(happened)
    async def wait_for_ever(event: Happened, work: Any) -> None:
        began.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(deliver(consumer, database.transactions, some(happened, [1])))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await database.scalar("SELECT count(*) FROM inbox") == 0


async def test_an_outage_is_met_once_and_not_once_per_record(database: Any, happened: Any, consumer: Consumer) -> None:
    tries: list[int] = []

    @consumer.on(happened)
    async def outage(event: Happened, work: Any) -> None:
        tries.append(event.number)
        raise ConnectionResetError

    await deliver(consumer, database.transactions, some(happened, range(10)))
    assert tries == [0]


async def test_an_outage_that_begins_while_records_go_one_by_one_stops_all_partitions(
    database: Any, happened: Any, consumer: Consumer
) -> None:
    tries: list[int] = []

    @consumer.on(happened)
    async def first_a_rule_then_an_outage(event: Happened, work: Any) -> None:
        tries.append(event.number)
        raise Unprocessable("negative_number") if event.number < 0 else ConnectionResetError

    records = some(happened, [-1, 1, 2, 3])
    elsewhere = [replace(record, partition=1) for record in some(happened, [4, 5])]
    outcomes = await Guard(consumer, database.transactions, Metrics()).handle([*records, *elsewhere])
    assert outcomes == [PARKED, *[HELD] * 5]
    assert tries == [-1, -1, 1]
