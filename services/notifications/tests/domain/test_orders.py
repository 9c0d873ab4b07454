from uuid import UUID

import pytest

from kfi_chassis.sealing import MAX_CONTENT_BYTES, Sealer, new_sealing_key
from kfi_contracts.codes import SEALED_TEXT_LIMIT
from kfi_contracts.notifications import NotificationOrdered
from kfi_notifications.domain.orders import MAX_SEALED_CHARACTERS, OrderRefused, check

LETTER = {
    "notification_id": str(UUID(int=1)),
    "ordered_by": "applications",
    "concerns": str(UUID(int=2)),
    "act_id": str(UUID(int=3)),
    "channel": "letter",
    "legal_effect": "act",
    "template": "grant-decision",
    "template_version": 1,
    "language": "de",
    "content_digest": "0" * 64,
    "content": "a.b.c.d.e",
}
EMAIL = LETTER | {"channel": "email", "legal_effect": "none", "template": "message-waits", "act_id": None}


def order(facts: dict[str, object]) -> NotificationOrdered:
    return NotificationOrdered.model_validate(facts, strict=False)


@pytest.mark.parametrize("facts", [LETTER, EMAIL, LETTER | {"template": "not-known-yet"}])
def test_an_order_that_can_be_carried_out_is_taken(facts: dict[str, object]) -> None:
    check(order(facts))


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (LETTER | {"channel": "email", "legal_effect": "none"}, "channel_does_not_fit_template"),
        (EMAIL | {"channel": "letter"}, "channel_does_not_fit_template"),
        (EMAIL | {"legal_effect": "act", "act_id": str(UUID(int=3))}, "channel_cannot_announce"),
        (LETTER | {"act_id": None}, "act_missing"),
        (LETTER | {"content": "a.b.c." + "d" * MAX_SEALED_CHARACTERS + ".e"}, "content_too_large"),
        (LETTER | {"template_version": 2**31}, "template_version_too_large"),
    ],
)
def test_an_order_that_contradicts_itself_is_refused_with_a_code(facts: dict[str, object], code: str) -> None:
    with pytest.raises(OrderRefused) as refusal:
        check(order(facts))
    assert refusal.value.code == code


def test_the_largest_content_that_can_be_sealed_is_taken() -> None:
    sealed = Sealer(new_sealing_key()).seal(b"x" * MAX_CONTENT_BYTES, bound_to=str(UUID(int=1)))
    check(order(LETTER | {"content": sealed}))
    assert MAX_SEALED_CHARACTERS <= SEALED_TEXT_LIMIT
