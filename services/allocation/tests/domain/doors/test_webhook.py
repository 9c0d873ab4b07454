"""An endpoint keeps the order, comes back after failures, and ends after five days of nothing else."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfi_allocation.domain.doors.retries import DELAYS, delay_after
from kfi_allocation.domain.doors.webhook import (
    Ending,
    Endpoint,
    EndpointState,
    Next,
    Outcome,
    ReplayRunning,
    WebhookDisabled,
)

NOW = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)


def endpoint(position: int = 0) -> Endpoint:
    return Endpoint(
        id=UUID(int=1), ags="05515000", version=1, url="https://stadt.example/hook", state=EndpointState.ACTIVE,
        ending=None, position=position, failures=0, due_at=None, failing_since=None,
    )  # fmt: skip


def test_the_retries_of_one_event_take_about_three_days() -> None:
    assert timedelta(days=3) <= sum(DELAYS, timedelta()) <= timedelta(days=3, hours=6)
    for failures, delay in enumerate(DELAYS, start=1):
        assert delay_after(failures, 0.0) == delay * 0.8
        assert delay_after(failures, 0.999999) < delay * 1.2
    assert delay_after(len(DELAYS) + 1, 0.5) is None


def test_a_delivered_event_lets_the_next_one_go_at_once() -> None:
    town = endpoint()
    assert town.is_due(2, NOW)
    assert town.note(Outcome.DELIVERED, NOW, 0.5) is Next.ONWARD
    assert (town.position, town.next_position, town.is_due(2, NOW), town.is_due(1, NOW)) == (1, 2, True, False)


def test_an_event_that_failed_comes_before_the_next_and_not_at_once() -> None:
    town = endpoint()
    assert town.note(Outcome.REFUSED, NOW, 0.5) is Next.RETRY
    assert (town.next_position, town.is_due(5, NOW), town.due_at) == (1, False, NOW + timedelta(seconds=5))
    assert town.is_due(5, NOW + timedelta(seconds=5))


def test_an_event_is_given_up_after_its_last_retry_and_the_next_one_goes() -> None:
    town, now = endpoint(), NOW
    for _ in DELAYS:
        assert town.note(Outcome.TIMED_OUT, now, 0.5) is Next.RETRY
        assert town.due_at is not None
        now = town.due_at
    assert town.note(Outcome.TIMED_OUT, now, 0.5) is Next.GIVEN_UP
    assert (town.next_position, town.failures, town.due_at, town.failing_since) == (2, 0, None, NOW)


def test_after_five_days_of_nothing_but_failures_it_is_disabled() -> None:
    town, now, steps = endpoint(), NOW, []
    while town.state is EndpointState.ACTIVE:
        steps.append(town.note(Outcome.UNREACHABLE, now, 0.5))
        now = town.due_at or now
    assert town.failing_since == NOW
    assert timedelta(days=5) <= now - NOW < timedelta(days=6, hours=12)
    assert (steps[-1], town.ending, steps.count(Next.GIVEN_UP)) == (Next.DISABLED, Ending.FAILING, 1)


def test_one_success_ends_the_count_of_days() -> None:
    town = endpoint()
    town.note(Outcome.REFUSED, NOW, 0.5)
    town.note(Outcome.DELIVERED, NOW + timedelta(days=4), 0.5)
    assert town.note(Outcome.REFUSED, NOW + timedelta(days=8), 0.5) is Next.RETRY


def test_who_says_gone_is_asked_no_more() -> None:
    town = endpoint()
    assert town.note(Outcome.GONE, NOW, 0.5) is Next.DISABLED
    assert (town.state, town.ending, town.is_due(9, NOW + timedelta(days=99))) == (
        EndpointState.DISABLED,
        Ending.GONE,
        False,
    )
    town.activate()
    assert town.is_due(9, NOW)
    assert town.next_position == 1


def test_a_replay_goes_before_what_is_new_and_leaves_the_place_in_the_feed() -> None:
    town = endpoint(position=7)
    town.replay(3, 5)
    sent = []
    while town.is_due(8, NOW):
        sent.append(town.next_position)
        town.note(Outcome.DELIVERED, NOW, 0.5)
    assert sent == [3, 4, 5, 8]


def test_a_replay_waits_for_the_one_before_and_for_the_activation() -> None:
    town = endpoint(position=7)
    town.replay(3, 5)
    with pytest.raises(ReplayRunning):
        town.replay(1, 2)
    town.disable(Ending.BY_HAND)
    with pytest.raises(WebhookDisabled):
        town.replay(1, 2)


def test_what_the_feed_no_longer_holds_is_passed_over() -> None:
    town = endpoint(position=2)
    town.skip_to(6)
    assert town.next_position == 6
    town.replay(1, 4)
    town.skip_to(6)
    assert (town.replay_next, town.next_position) == (None, 6)


@given(st.lists(st.sampled_from([Outcome.DELIVERED, Outcome.REFUSED, Outcome.TIMED_OUT]), max_size=80), st.data())
def test_whatever_happens_no_event_is_passed_over_unnoticed(outcomes: list[Outcome], data: st.DataObject) -> None:
    town, now, dealt_with = endpoint(), NOW, []
    for outcome in outcomes:
        if town.state is EndpointState.DISABLED:
            break
        place = town.next_position
        step = town.note(outcome, now, data.draw(st.floats(0, 0.99)))
        dealt_with += [place] if step in (Next.ONWARD, Next.GIVEN_UP) else []
        now = town.due_at or now
    assert dealt_with == list(range(1, town.position + 1))
