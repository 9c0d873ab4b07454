from collections.abc import Callable
from typing import Any

import pytest

from kfi_chassis.consumer import Unprocessable
from kfi_contracts.allocation import HouseholdErased
from kfi_contracts.applications import PersonErased
from kfi_contracts.letters import GrantRejectionFacts, LetterContent
from kfi_contracts.notifications import NotificationOrdered
from kfi_notifications.consumers import an_order_is_kept_until_it_is_delivered, consumer

pytestmark = pytest.mark.servers


async def test_an_order_that_cannot_be_carried_out_is_parked_with_its_code(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Callable[..., LetterContent]
) -> None:
    order = office.order(content_of(rejection_facts), act_id=None)
    with pytest.raises(Unprocessable) as parked:
        await office.run(lambda work: an_order_is_kept_until_it_is_delivered(order, work))
    assert parked.value.code == "act_missing"


def test_only_orders_and_erasures_are_read() -> None:
    assert set(consumer.topics()) == {NotificationOrdered.topic, PersonErased.topic, HouseholdErased.topic}
