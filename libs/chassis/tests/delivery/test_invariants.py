"""Promises of the database are counted where they are broken; records that came again are counted too."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from kfi_chassis import invariants
from kfi_chassis.accounts import Outcome
from kfi_chassis.ledger import Ledger
from kfi_chassis.metrics import Metrics
from kfi_chassis.testkit.delivery import records_of

PROMISES = {
    "no-effect-without-a-number": "SELECT FROM effect WHERE number IS NULL OR number < 0",
    "nothing": "SELECT 1 WHERE false",
}


@pytest.mark.servers
async def test_what_breaks_a_promise_is_counted_until_it_is_mended(database: Any) -> None:
    metrics = Metrics()
    async with database.transactions.engine.begin() as connection:
        await connection.execute(
            text("INSERT INTO effect (subject, number) VALUES (:s, -1), (:s, -2), (:s, 3)"), {"s": uuid4()}
        )
    await invariants.measure(database.transactions, metrics, PROMISES)
    value = metrics.registry.get_sample_value
    assert value("invariant_violations", {"name": "no-effect-without-a-number"}) == 2
    assert value("invariant_violations", {"name": "nothing"}) == 0
    async with database.transactions.engine.begin() as connection:
        await connection.execute(text("DELETE FROM effect WHERE number < 0"))
    await invariants.measure(database.transactions, metrics, PROMISES)
    assert value("invariant_violations", {"name": "no-effect-without-a-number"}) == 0


def test_records_that_came_again_are_counted_by_consumer(happened: Any) -> None:
    metrics = Metrics()
    ledger = Ledger("group", metrics)
    records = records_of([happened(subject_id=uuid4(), number=number) for number in range(3)])
    ledger.polled(records)
    ledger.settle(records, [Outcome.HANDLED, Outcome.DUPLICATE, Outcome.DUPLICATE])
    assert metrics.registry.get_sample_value("inbox_duplicates_total", {"consumer": "group"}) == 2
