"""Whether an applicant is told by letter that the application came: as the office decides."""

import json
from typing import Any

import pytest

from kfi_applications.settings import ApplicationsSettings
from kfi_contracts.letters import read_content

pytestmark = pytest.mark.servers
ORDERS = "SELECT payload FROM outbox WHERE topic = 'notifications.order.v1'"


def acknowledging(settings: ApplicationsSettings) -> ApplicationsSettings:
    return settings.model_copy(update={"acknowledge_receipt": True})


async def test_nothing_is_written_where_the_office_does_not_want_it(desk: Any) -> None:
    await desk.filed()
    assert await desk.rows(ORDERS) == []


async def test_where_it_does_one_letter_says_that_the_application_came(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_class = desk.transactions._work_class
    monkeypatch.setattr(work_class, "settings", acknowledging(work_class.settings))
    case = await desk.filed()
    (row,) = await desk.rows(ORDERS)
    order = json.loads(row.payload)
    assert (order["channel"], order["legal_effect"], order["concerns"]) == ("letter", "none", case)
    content = read_content(desk.opener.open(order["content"], bound_to=order["notification_id"]))
    assert (content.facts.kind, content.facts.received_on) == ("receipt-acknowledgement", desk.calendar.day)
