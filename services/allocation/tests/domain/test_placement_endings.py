from datetime import timedelta
from uuid import uuid4

import pytest
from services.allocation.tests.placements import (
    BIELEFELD,
    KOELN,
    OBJECT_UNTIL,
    SIGNATORY,
    TODAY,
    announced,
    asked,
    decided,
    heard,
    proposed,
    ready,
)

from kfi_allocation.domain import happenings
from kfi_allocation.domain.decision import LetterKind
from kfi_allocation.domain.errors import WrongState
from kfi_allocation.domain.placement_states import State

AFTER = OBJECT_UNTIL + timedelta(days=1)


def test_a_correction_of_the_list_voids_the_draft_and_cannot_touch_a_settled_size():
    placement = ready()
    placement.amend(persons=5, arrival_on=None)
    assert placement.state is State.HEARD
    assert placement.proceedings.draft is None
    with pytest.raises(WrongState):
        decided().amend(persons=5, arrival_on=None)
    settled = decided()
    settled.amend(persons=4, arrival_on=TODAY)
    assert settled.state is State.DECIDED
    assert settled.arrival_on == TODAY


@pytest.mark.parametrize("make", [announced, proposed, asked, heard, ready, decided])
def test_a_household_that_does_not_come_is_cancelled_at_each_station(make):
    placement = make()
    placement.cancel(TODAY)
    assert placement.happened[-1] == happenings.HouseholdCancelled(TODAY, placement.ags)
    with pytest.raises(WrongState):
        placement.cancel(TODAY)


def test_nobody_is_cancelled_who_has_arrived():
    placement = decided()
    placement.confirm_arrival(persons=5, on=TODAY)
    with pytest.raises(WrongState):
        placement.cancel(TODAY)
    placement.record_change("birth", persons=6, on=TODAY)
    placement.record_move(BIELEFELD, persons=6, on=TODAY)
    assert (placement.state, placement.ags, placement.persons) == (State.MOVED, BIELEFELD, 6)


def test_a_decision_becomes_final_and_a_letter_that_came_back_is_ordered_again():
    placement = decided()
    decision = placement.decision
    placement.letter_was_ordered(decision.letter_id, LetterKind.DECISION, on=TODAY)
    placement.record_announcement(decision.id, TODAY, AFTER)
    placement.record_returned_letter(decision.letter_id, decision.id, "returned_unknown")
    assert placement.decision.announced_on is None
    assert placement.failed_letter is not None
    again = placement.order_letter_again(decision.letter_id, uuid4(), on=TODAY)
    assert placement.decision.letter_id == again.id
    assert placement.failed_letter is None
    with pytest.raises(WrongState):
        placement.order_letter_again(again.id, uuid4(), on=TODAY)
    placement.record_announcement(decision.id, TODAY, AFTER)
    placement.end_remedy_period(decision.id, AFTER)
    assert placement.decision.final_on == AFTER


def test_an_act_that_is_none_of_this_household_is_refused():
    with pytest.raises(WrongState):
        decided().record_announcement(uuid4(), TODAY, None)


def test_a_draft_can_be_given_back():
    placement = ready()
    placement.return_draft(SIGNATORY)
    assert placement.state is State.HEARD
    assert placement.proceedings.draft is None


def test_a_household_is_erased_when_its_placement_has_ended():
    placement = decided()
    with pytest.raises(WrongState):
        placement.erase(TODAY)
    placement.cancel(TODAY)
    placement.erase(TODAY)
    assert placement.happened[-1] == happenings.HouseholdErased(TODAY)


def test_wishes_are_kept():
    placement = heard()
    assert placement.hearing is not None
    assert placement.hearing.answer is not None
    assert placement.hearing.answer.wishes == (KOELN,)
