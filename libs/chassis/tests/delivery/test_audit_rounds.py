"""The audit is recomputed in rounds: bounded turns, newest first, every chain once; what is broken is counted."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from kfi_chassis import audit_rounds
from kfi_chassis.audit_rounds import AuditRounds
from kfi_chassis.audit_verification import verify_chain
from kfi_chassis.database import plain_url
from kfi_chassis.identity import SYSTEM
from kfi_chassis.metrics import Metrics
from kfi_chassis.work import Work

pytestmark = pytest.mark.servers


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The chains that were recomputed, in order."""
    seen: list[UUID] = []

    async def note(connection: Any, aggregate: str, aggregate_id: UUID) -> int:
        seen.append(aggregate_id)
        return await verify_chain(connection, aggregate, aggregate_id)

    monkeypatch.setattr(audit_rounds, "verify_chain", note)
    return seen


async def record(database: Any, *aggregates: UUID) -> None:
    async def use(work: Work) -> None:
        for version, aggregate in enumerate(aggregates, start=1):
            work.audit.add(aggregate="thing", aggregate_id=aggregate, version=version, action="changed")

    await database.transactions.run(use, actor=SYSTEM("test"))


async def as_owner(database: Any, statement: str) -> None:
    owner = await asyncpg.connect(plain_url(database.owner_url))
    await owner.execute(statement)
    await owner.close()


def value(metrics: Metrics, name: str) -> float:
    return metrics.registry.get_sample_value(name) or 0.0


async def test_a_round_takes_each_chain_once_newest_first_a_bounded_number_a_turn(
    database: Any, verified: list[UUID]
) -> None:
    old, grown, new = uuid4(), uuid4(), uuid4()
    await record(database, old, grown, new, grown)
    rounds, metrics = AuditRounds(rows_a_turn=2), Metrics()
    await rounds.turn(database.transactions, metrics)
    assert verified == [grown, new]
    assert value(metrics, "audit_last_round_timestamp_seconds") == 0
    await rounds.turn(database.transactions, metrics)
    await rounds.turn(database.transactions, metrics)
    assert verified == [grown, new, old]
    assert value(metrics, "audit_last_round_timestamp_seconds") > 0
    await rounds.turn(database.transactions, metrics)
    assert verified == [grown, new, old, grown, new]


@pytest.mark.parametrize(
    "breach",
    ["UPDATE audit SET person = 'person-2' WHERE number = 1", "DELETE FROM audit WHERE number = 1",
     "UPDATE audit SET number = 5 WHERE number = 2"],
)  # fmt: skip
async def test_a_broken_chain_is_counted_until_it_is_whole_again(
    database: Any, breach: str, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = uuid4(), uuid4()
    await record(database, broken, broken)
    await as_owner(database, "CREATE TABLE kept AS SELECT * FROM audit")
    await as_owner(database, breach)
    await record(database, whole)
    rounds, metrics = AuditRounds(rows_a_turn=1), Metrics()
    try:
        for _ in range(6):
            await rounds.turn(database.transactions, metrics)
        assert value(metrics, "audit_broken_chains") == 1
        assert "audit_chain_broken" in caplog.text
        assert str(broken) in str([record.__dict__ for record in caplog.records])
    finally:
        await as_owner(
            database,
            "DELETE FROM audit USING kept WHERE audit.aggregate_id = kept.aggregate_id;"
            " INSERT INTO audit OVERRIDING SYSTEM VALUE SELECT * FROM kept; DROP TABLE kept",
        )
    for _ in range(6):
        await rounds.turn(database.transactions, metrics)
    assert value(metrics, "audit_broken_chains") == 0


async def test_nothing_recorded_is_a_whole_round(database: Any) -> None:
    metrics = Metrics()
    await AuditRounds().turn(database.transactions, metrics)
    assert value(metrics, "audit_broken_chains") == 0
    assert value(metrics, "audit_last_round_timestamp_seconds") > 0
