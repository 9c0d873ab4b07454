from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from kfi_chassis.audit_verification import verify_chain
from kfi_contracts.letters import GrantDecisionFacts, LetterContent
from kfi_notifications import tables
from kfi_notifications.domain.orders import OrderRefused
from kfi_notifications.repository import AGGREGATE

pytestmark = pytest.mark.servers
Contents = Callable[..., LetterContent]


async def count(office: Any, table: Any) -> int:
    return int(await office.run(lambda work: work.connection.scalar(select(func.count()).select_from(table))))


async def test_an_order_is_kept_still_sealed_with_its_delivery(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Contents
) -> None:
    order = office.order(content_of(grant_facts))
    await office.accept(order)
    stored = (await office.run(lambda work: work.connection.execute(select(tables.notification)))).one()
    assert (stored.id, stored.content, stored.state) == (order.notification_id, order.content, "ordered")
    assert await count(office, tables.delivery) == 1
    assert await office.events() == []


async def test_nothing_of_an_order_is_kept_when_its_transaction_ends_badly(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("kfi_notifications.deliveries.Deliveries.add", broken)
    with pytest.raises(RuntimeError):
        await office.accept(office.order(content_of(grant_facts)))
    assert await count(office, tables.notification) == 0


async def test_the_same_order_in_another_event_is_taken_once(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Contents
) -> None:
    order = office.order(content_of(grant_facts))
    await office.accept(order)
    await office.accept(order)
    assert await count(office, tables.notification) == 1
    assert await count(office, tables.delivery) == 1


async def test_another_content_under_the_same_id_is_refused(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Contents
) -> None:
    notification_id = uuid4()
    await office.accept(office.order(content_of(grant_facts), notification_id=notification_id))
    other = office.order(content_of(grant_facts, organisation="Another"), notification_id=notification_id)
    with pytest.raises(OrderRefused) as refusal:
        await office.accept(other)
    assert refusal.value.code == "ordered_before_with_another_content"


async def test_an_order_that_contradicts_itself_leaves_nothing(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Contents
) -> None:
    with pytest.raises(OrderRefused):
        await office.accept(office.order(content_of(grant_facts), act_id=None))
    assert await count(office, tables.notification) == 0


async def test_every_change_is_in_the_audit_with_ids_and_codes_alone(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Contents
) -> None:
    notification_id: UUID = await office.accept(office.order(content_of(grant_facts)))
    await office.deliver()
    audit = tables.chassis.audit
    rows = (await office.run(lambda work: work.connection.execute(select(audit).order_by(audit.c.position)))).all()
    assert [(row.version, row.action) for row in rows] == [(1, "ordered"), (2, "prepared"), (3, "dispatched")]
    assert "Köprü" not in str(rows)
    assert await office.run(lambda work: verify_chain(work.connection, AGGREGATE, notification_id)) == 3
