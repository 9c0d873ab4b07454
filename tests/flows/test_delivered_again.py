"""Kafka may deliver anything again, at any time: what has been dealt with changes nothing more."""

from collections import Counter
from uuid import uuid4

import pytest
from tests.harness.bus import Bus, Sent
from tests.harness.office import Case, Office

from kfi_contracts.notifications import NotificationDispatched, NotificationOrdered
from kfi_stack.running_platform import Platform

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]


async def test_an_order_delivered_again_is_no_second_letter(office: Office, bus: Bus, platform: Platform) -> None:
    case = await office.sent()
    (order,) = await bus.records(NotificationOrdered.topic, case.letter_id)
    again = Sent(order.value, order.headers, order.key)
    under_another_id = again.with_header("ce_id", f"{uuid4()}".encode())
    counted = await delivered(bus, "notifications", NotificationOrdered.topic, [again, again, under_another_id])
    assert (counted["duplicate"], counted["parked"]) == (2, 0)
    letters = [one for one in await office.notifications(case) if one["channel"] == "letter"]
    assert [(one["id"], one["state"]) for one in letters] == [(case.letter_id, "dispatched")]
    assert len(list(platform.spool.glob(f"*/{case.letter_id}.pdf"))) == 1


async def test_what_became_of_a_letter_told_again_and_mixed_moves_no_case(office: Office, bus: Bus) -> None:
    case = await final_by_waiver(office)
    told = await bus.records(NotificationDispatched.topic, case.letter_id)
    assert len(told) == 2
    again = [Sent(record.value, record.headers, record.key) for record in told]
    before = (await office.people.caseworker.get(case.path)).document
    counted = await delivered(bus, "applications", NotificationDispatched.topic, [*again[::-1], *again])
    assert (counted["duplicate"], counted["skipped"], counted["parked"]) == (2, 2, 0)
    assert (await office.people.caseworker.get(case.path)).document == before
    assert [seen.envelope.sequence for seen in office.events_of(case)] == [1, 2, 3]


async def final_by_waiver(office: Office) -> Case:
    case = await office.sent()
    await office.announced(case)
    await office.act(office.people.applicant, case, "waiver")
    await office.final(case)
    return case


async def delivered(bus: Bus, reader: str, topic: str, records: list[Sent]) -> Counter[str]:
    """Sends records of one key; what the reader's account of their partition counted meanwhile."""
    await bus.caught_up(reader, topic)
    before = await bus.accounts(reader)
    place = topic, (await bus.records(topic, (records[0].key or b"").decode()))[0].partition
    await bus.send("admin", topic, records)
    await bus.caught_up(reader, topic)
    return (await bus.accounts(reader))[place] - before.get(place, Counter())
