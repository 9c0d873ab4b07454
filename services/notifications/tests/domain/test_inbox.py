"""Announcement by retrieval (§ 41 (2a) VwVfG): cases F22 (c), (d) and F23 (e) of the trade."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_contracts.notifications import (
    Channel,
    LegalEffect,
    NotificationAnnounced,
    NotificationDispatched,
    NotificationNotAnnounced,
    NotificationOrdered,
)
from kfi_law.announcement import Regime, last_day_for_retrieval
from kfi_law.errors import NotRetrievedInTime, NoValueInForce
from kfi_law.traces import trace_from_json
from kfi_notifications.domain.notification import Notification, State, WrongState

MONDAY = date(2026, 3, 2)


def taken(consented: bool = True, **changes: object) -> Notification:
    facts: dict[str, object] = {
        "notification_id": UUID(int=1),
        "ordered_by": "applications",
        "concerns": UUID(int=2),
        "act_id": UUID(int=3),
        "channel": Channel.LETTER,
        "legal_effect": LegalEffect.ACT,
        "template": "grant-decision",
        "template_version": 1,
        "language": "de",
        "content_digest": "0" * 64,
        "content": "a.b.c.d.e",
        "organisation": "organisation-1",
    }
    order = NotificationOrdered.model_validate(facts | changes)
    return Notification.accept(order, on=MONDAY, consented=consented)


def provided(**changes: object) -> Notification:
    notification = taken(**changes)  # type: ignore[arg-type]
    notification.prepare()
    notification.provide(MONDAY)
    return notification


def test_f22_c_retrieved_on_thursday_it_is_announced_on_friday() -> None:
    notification = provided()
    period = notification.retrieve(date(2026, 3, 5))
    assert period is not None
    assert period.announced.value == date(2026, 3, 6)
    notification.announce()
    announced = notification.recorded[-1][1]
    assert isinstance(announced, NotificationAnnounced)
    assert announced.announced_on == date(2026, 3, 6)
    assert announced.through_inbox


def test_f23_e_the_last_day_for_an_action_moves_over_easter() -> None:
    notification = provided()
    notification.retrieve(date(2026, 3, 5))
    notification.announce()
    assert notification.remedy_ends_on == date(2026, 4, 7)
    assert notification.period_trace is not None
    paragraphs = {step.paragraph for step in trace_from_json(notification.period_trace)}
    assert any("§ 41 (2a) VwVfG" in paragraph for paragraph in paragraphs)


def test_f22_d_never_retrieved_it_is_not_announced_and_goes_by_post() -> None:
    notification = provided()
    assert notification.retrieve_by == date(2026, 3, 12)
    notification.not_retrieved()
    told = notification.recorded[-1][1]
    assert isinstance(told, NotificationNotAnnounced)
    assert (told.provided_on, told.last_day) == (MONDAY, date(2026, 3, 12))
    with pytest.raises(WrongState):
        notification.announce()
    period = notification.dispatch(date(2026, 3, 13))
    assert period is not None
    assert period.announced.value == date(2026, 3, 17)
    notification.announce()
    assert [type(event) for _, event in notification.recorded] == [
        NotificationDispatched, NotificationNotAnnounced, NotificationDispatched, NotificationAnnounced,
    ]  # fmt: skip
    assert [number for number, _ in notification.recorded] == [1, 2, 3, 4]


def test_without_retrieval_nothing_is_ever_announced() -> None:
    with pytest.raises(WrongState):
        provided().announce()


@given(st.integers(0, 40))
def test_whatever_the_day_it_is_either_announced_the_day_after_or_not_that_way_at_all(days: int) -> None:
    notification, day = provided(), MONDAY + timedelta(days)
    if days > 10:
        with pytest.raises(NotRetrievedInTime):
            notification.retrieve(day)
        assert notification.state is State.PROVIDED
        return
    period = notification.retrieve(day)
    assert period is not None
    assert period.announced.value == day + timedelta(days=1)
    with pytest.raises(WrongState):
        notification.not_retrieved()


def test_retrieved_once_it_is_not_retrieved_again() -> None:
    notification = provided()
    notification.retrieve(MONDAY)
    with pytest.raises(WrongState):
        notification.retrieve(MONDAY)


def test_what_announces_nothing_is_retrieved_without_a_period() -> None:
    assert provided(act_id=None, legal_effect=LegalEffect.NONE).retrieve(MONDAY) is None


@pytest.mark.parametrize(
    ("consented", "changes", "through_inbox"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"organisation": None}, False),
        (True, {"channel": Channel.EMAIL, "legal_effect": LegalEffect.NONE, "act_id": None}, False),
    ],
)
def test_only_a_letter_of_an_organisation_that_consented_goes_through_its_inbox(
    consented: bool,
    changes: dict[str, object],
    through_inbox: bool,
) -> None:
    assert taken(consented, **changes).through_inbox is through_inbox


def test_an_email_that_points_to_a_letter_in_the_inbox_is_covered_by_its_notice() -> None:
    email = {"channel": Channel.EMAIL, "legal_effect": LegalEffect.NONE, "act_id": None}
    assert taken(**email, accompanies=UUID(int=9)).state is State.COVERED  # type: ignore[arg-type]
    assert taken(**email).state is State.ORDERED  # type: ignore[arg-type]
    assert taken(consented=False, **email, accompanies=UUID(int=9)).state is State.ORDERED  # type: ignore[arg-type]


def test_nobody_can_be_told_so_it_is_posted() -> None:
    notification = taken()
    notification.prepare()
    notification.post_instead()
    assert not notification.through_inbox
    assert notification.dispatch(MONDAY) is not None


def test_of_social_law_nothing_is_known_and_nothing_is_guessed() -> None:
    with pytest.raises(NoValueInForce):
        last_day_for_retrieval(MONDAY, Regime.SOCIAL)
