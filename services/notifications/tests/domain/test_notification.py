from datetime import date
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kfi_contracts.event import Event
from kfi_contracts.notifications import (
    Channel,
    FailureReason,
    LegalEffect,
    NotificationAnnounced,
    NotificationDispatched,
    NotificationFailed,
    NotificationOrdered,
    RemedyPeriodEnded,
)
from kfi_law.traces import trace_from_json
from kfi_notifications.domain.notification import Notification, State, WrongState

ACT = UUID(int=3)


def ordered(legal_effect: LegalEffect = LegalEffect.ACT) -> Notification:
    order = NotificationOrdered(
        notification_id=UUID(int=1),
        ordered_by="applications",
        concerns=UUID(int=2),
        act_id=ACT,
        channel=Channel.LETTER,
        legal_effect=legal_effect,
        template="grant-decision",
        template_version=1,
        language="de",
        content_digest="0" * 64,
        content="a.b.c.d.e",
    )
    return Notification.accept(order, on=date(2026, 11, 23))


def events_of(notification: Notification) -> list[Event]:
    return [event for _, event in notification.recorded]


def test_a_letter_posted_on_a_monday_is_announced_on_friday_and_final_after_a_month() -> None:
    notification = ordered()
    notification.prepare()
    period = notification.dispatch(date(2026, 3, 9))
    assert period is not None
    assert period.announced.value == date(2026, 3, 13)
    notification.announce()
    notification.end_remedy_period()
    dispatched, announced, ended = events_of(notification)
    assert isinstance(dispatched, NotificationDispatched)
    assert dispatched.dispatched_on == date(2026, 3, 9)
    assert isinstance(announced, NotificationAnnounced)
    assert (announced.announced_on, announced.remedy_ends_on) == (date(2026, 3, 13), date(2026, 4, 13))
    assert isinstance(ended, RemedyPeriodEnded)
    assert (ended.act_id, ended.announced_on) == (ACT, date(2026, 3, 13))
    assert (ended.last_day, ended.ended_on) == (date(2026, 4, 13), date(2026, 4, 14))


def test_finality_waits_for_the_later_reading_when_the_fourth_day_is_a_sunday() -> None:
    notification = ordered()
    notification.prepare()
    notification.dispatch(date(2026, 3, 11))  # the fourth day is Sunday, 15 March; read the other way Monday, 16 March
    notification.announce()
    announced = events_of(notification)[-1]
    assert isinstance(announced, NotificationAnnounced)
    assert announced.announced_on == date(2026, 3, 15)
    assert announced.remedy_ends_on == date(2026, 4, 16)


def test_the_period_is_kept_with_a_trace_that_names_its_paragraphs() -> None:
    notification = ordered()
    notification.prepare()
    notification.dispatch(date(2026, 3, 9))
    assert notification.period_trace is not None
    steps = trace_from_json(notification.period_trace)
    assert steps[-1].result == "2026-04-14"
    assert any("74 (1), 57 (2) VwGO" in step.paragraph for step in steps)


def test_what_has_no_legal_effect_is_dispatched_and_never_announced() -> None:
    notification = ordered(LegalEffect.NONE)
    notification.prepare()
    assert notification.dispatch(date(2026, 3, 9)) is None
    assert [type(event) for event in events_of(notification)] == [NotificationDispatched]


def test_the_sealed_content_goes_when_the_notification_has_left_or_failed() -> None:
    left, failed = ordered(), ordered()
    left.prepare()
    left.dispatch(date(2026, 3, 9))
    failed.fail(FailureReason.CONTENT_DIGEST_MISMATCH)
    assert left.content is None
    assert failed.content is None


def test_a_failure_says_why_and_that_nobody_tries_again() -> None:
    notification = ordered()
    notification.fail(FailureReason.CONTENT_DIGEST_MISMATCH)
    (failed,) = events_of(notification)
    assert isinstance(failed, NotificationFailed)
    assert (failed.reason, failed.final) == (FailureReason.CONTENT_DIGEST_MISMATCH, True)


def test_what_has_left_the_house_cannot_fail_any_more() -> None:
    notification = ordered()
    notification.prepare()
    notification.dispatch(date(2026, 3, 9))
    with pytest.raises(WrongState):
        notification.fail(FailureReason.CHANNEL_REFUSED)


class AnyOrderOfSteps(RuleBasedStateMachine):
    """Whatever is tried in whatever order: the path is one way, no event number is left out, refusals do nothing."""

    following = {  # noqa: RUF012 - a table of this machine, never changed
        "prepare": (State.ORDERED, State.PREPARED),
        "dispatch": (State.PREPARED, State.DISPATCHED),
        "announce": (State.DISPATCHED, State.ANNOUNCED),
        "end_remedy_period": (State.ANNOUNCED, State.REMEDY_PERIOD_ENDED),
    }

    @initialize()
    def begin(self) -> None:
        self.notification = ordered()

    @rule(step=st.sampled_from(sorted(following)), day=st.dates(date(2025, 1, 1), date(2030, 12, 31)))
    def try_step(self, step: str, day: date) -> None:
        since, to = self.following[step]
        before = (self.notification.state, self.notification.sequence)
        method = getattr(self.notification, step)
        arguments = [day] if step == "dispatch" else []
        if before[0] is since:
            method(*arguments)
            assert self.notification.state is to
            return
        with pytest.raises(WrongState):
            method(*arguments)
        assert (self.notification.state, self.notification.sequence) == before

    @precondition(lambda self: self.notification.state in {State.ORDERED, State.PREPARED})
    @rule(reason=st.sampled_from(FailureReason))
    def fail(self, reason: FailureReason) -> None:
        self.notification.fail(reason)

    @invariant()
    def events_are_numbered_from_one_without_gaps(self) -> None:
        numbers = [number for number, _ in self.notification.recorded]
        assert numbers == list(range(1, self.notification.sequence + 1))


TestAnyOrderOfSteps = AnyOrderOfSteps.TestCase
TestAnyOrderOfSteps.settings = settings(max_examples=40, deadline=None)
