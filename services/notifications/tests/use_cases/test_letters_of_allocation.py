"""What another service than funding orders leaves the same way, and every event of it goes back to who ordered it."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from kfi_chassis.privacy.persons import PersonErased as Gone
from kfi_contracts.allocation import HouseholdErased
from kfi_contracts.letters import LetterContent
from kfi_contracts.notifications import LegalEffect
from kfi_notifications.consumers import what_names_a_household_goes_with_its_key
from kfi_notifications.domain.notification import State
from kfi_notifications.use_cases.announce import announce, end_remedy_period
from kfi_notifications.use_cases.change_consent import change_consent

pytestmark = pytest.mark.servers
Example = Callable[..., LetterContent]
HOUSEHOLD, DECISION = UUID(int=71), UUID(int=72)


def ordered(office: Any, content: LetterContent, **changes: Any) -> Any:
    return office.order(content, ordered_by="allocation", concerns=HOUSEHOLD, **changes)


async def test_a_decision_is_posted_announced_and_final_for_the_service_that_ordered_it(
    office: Any, example_of: Example
) -> None:
    letter = await office.accept(ordered(office, example_of("allocation-decision"), act_id=DECISION))
    await office.deliver()
    await office.run(lambda work: announce(letter, work))
    await office.run(lambda work: end_remedy_period(letter, work))
    told = await office.events()
    assert [name for _, name, _ in told] == [
        "notification-dispatched.v1", "notification-announced.v1", "remedy-period-ended.v1",
    ]  # fmt: skip
    for _, _, facts in told:
        assert (facts["ordered_by"], facts["concerns"], facts["act_id"]) == (
            "allocation",
            str(HOUSEHOLD),
            str(DECISION),
        )
    assert (told[1][2]["announced_on"], told[1][2]["remedy_ends_on"]) == ("2026-03-13", "2026-04-13")
    assert len(office.spooled()) == 2


async def test_a_letter_to_a_family_goes_by_post_whatever_an_organisation_has_consented_to(
    office: Any, example_of: Example
) -> None:
    await office.run(lambda work: change_consent("organisation-1", 0, True, work))
    hearing = ordered(
        office,
        example_of("allocation-hearing"),
        act_id=None,
        legal_effect=LegalEffect.NONE,
        organisation="organisation-1",
    )
    letter = await office.accept(hearing)
    await office.deliver()
    notification = await office.run(lambda work: work.notifications.get(letter))
    assert (notification.state, notification.through_inbox) == (State.DISPATCHED, False)


@pytest.mark.parametrize("kind", ["municipality-notice", "webhook-disabled"])
async def test_an_email_to_a_town_leaves_for_its_mailbox_and_names_no_person(
    office_with: Any, mailbox: Any, example_of: Example, kind: str
) -> None:
    office = await office_with(smtp_port=mailbox.port)
    mail = await office.accept(ordered(office, example_of(kind)))
    await office.deliver()
    (sent,) = mailbox.taken
    assert sent.rcpt_tos == ["aufnahme@stadt.example"]
    assert b"Beispiel" not in sent.content
    assert (await office.run(lambda work: work.notifications.get(mail))).state is State.DISPATCHED


async def test_what_names_an_erased_household_is_read_by_nobody_and_leaves_no_more(
    office: Any, example_of: Example
) -> None:
    left = await office.accept(ordered(office, example_of("allocation-decision")))
    await office.deliver()
    waiting = await office.accept(ordered(office, example_of("allocation-decision")))
    event = HouseholdErased(household_id=HOUSEHOLD, erased_on=date(2038, 1, 11))
    for _ in range(2):
        await office.run(lambda work: what_names_a_household_goes_with_its_key(event, work))
    await office.deliver()
    with pytest.raises(Gone):
        await office.run(lambda work: work.documents.get(left))
    notification = await office.run(lambda work: work.notifications.get(waiting))
    assert (notification.state, notification.failure) == (State.FAILED, "content_not_openable")
