from typing import Any

import pytest
from pydantic import ValidationError

from kfi_contracts.classification import Classification, classified_fields
from kfi_contracts.codes import SEALED_TEXT_LIMIT
from kfi_contracts.examples import EVENT_EXAMPLES, SEALED
from kfi_contracts.notifications import NotificationOrdered
from kfi_contracts.topics import ALL_TOPICS, ORDERS

LETTER = EVENT_EXAMPLES[NotificationOrdered]["letter"]


def order(**changes: Any) -> NotificationOrdered:
    return NotificationOrdered.model_validate({**dict(LETTER), **changes})


@pytest.mark.parametrize(
    "content",
    ["Sehr geehrte Frau Mustermann", '{"addressee": {}}', "", "a.b.c", "a.b.c.d.", "a.b.c.d.e.f", SEALED + "\n"],
)
def test_an_order_with_unsealed_content_is_refused(content: str) -> None:
    with pytest.raises(ValidationError):
        order(content=content)


def test_an_order_stays_below_the_size_every_intermediary_forwards() -> None:
    with pytest.raises(ValidationError):
        order(content=SEALED + "x" * SEALED_TEXT_LIMIT)


@pytest.mark.parametrize("digest", ["", "9F86" * 16, "9f86", "g" * 64])
def test_the_digest_is_sha256_in_lower_case(digest: str) -> None:
    with pytest.raises(ValidationError):
        order(content_digest=digest)


def test_only_the_content_is_sealed_and_only_in_orders() -> None:
    sealed = [path for path, level in classified_fields(NotificationOrdered) if level is Classification.SEALED]
    assert sealed == ["NotificationOrdered.content"]


def test_only_the_notifications_service_reads_orders() -> None:
    assert ORDERS.readers == ("notifications",)
    assert len({topic.name for topic in ALL_TOPICS}) == len(ALL_TOPICS)
