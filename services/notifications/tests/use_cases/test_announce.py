from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from kfi_chassis.deadlines import claim, meet
from kfi_contracts.letters import GrantDecisionFacts, LetterContent, MessageWaitsFacts
from kfi_notifications.use_cases.announce import announce, end_remedy_period
from kfi_notifications.work import NotificationsWork

pytestmark = pytest.mark.servers
STEPS = {"announcement": announce, "remedy-period-end": end_remedy_period}


async def act_on_what_is_due(office: Any) -> list[str]:
    """As the worker does: each deadline that is due today, met in the transaction that acts on it."""

    async def next_due(work: NotificationsWork) -> str | None:
        for kind, act in STEPS.items():
            deadline = await claim(work.connection, kind, work.calendar.today())
            if deadline is not None:
                await act(deadline.subject, work)
                await meet(work.connection, deadline)
                return kind
        return None

    done = []
    while kind := await office.run(next_due):
        done.append(kind)
    return done


async def test_the_days_of_law_come_one_after_the_other(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Callable[..., LetterContent]
) -> None:
    await office.accept(office.order(content_of(grant_facts)))
    await office.deliver()
    expected = {
        date(2026, 3, 12): [],
        date(2026, 3, 13): ["announcement"],
        date(2026, 4, 13): [],
        date(2026, 4, 14): ["remedy-period-end"],
        date(2026, 12, 31): [],
    }
    for day, kinds in expected.items():
        office.on(day)
        assert await act_on_what_is_due(office) == kinds, day
    events = await office.events()
    assert [(number, kind) for number, kind, _ in events] == [
        (1, "notification-dispatched.v1"),
        (2, "notification-announced.v1"),
        (3, "remedy-period-ended.v1"),
    ]
    assert events[1][2]["announced_on"] == "2026-03-13"
    assert (events[2][2]["last_day"], events[2][2]["ended_on"]) == ("2026-04-13", "2026-04-14")


async def test_days_that_were_slept_through_are_caught_up_in_order(
    office: Any, grant_facts: GrantDecisionFacts, content_of: Callable[..., LetterContent]
) -> None:
    await office.accept(office.order(content_of(grant_facts)))
    await office.deliver()
    office.on(date(2027, 1, 1))
    assert await act_on_what_is_due(office) == ["announcement", "remedy-period-end"]
    assert (await office.events())[1][2]["announced_on"] == "2026-03-13"


async def test_what_has_no_legal_effect_is_not_announced(
    office_with: Any, content_of: Callable[..., LetterContent], mailbox: Any
) -> None:
    office = await office_with(smtp_port=mailbox.port)
    await office.accept(office.order(content_of(MessageWaitsFacts())))
    await office.deliver()
    office.on(date(2027, 1, 1))
    assert await act_on_what_is_due(office) == []
    assert [kind for _, kind, _ in await office.events()] == ["notification-dispatched.v1"]
