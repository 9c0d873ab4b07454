from dataclasses import replace

import pytest
from services.allocation.tests.placements import (
    MUENSTER,
    OBJECT_UNTIL,
    PLANNER,
    TODAY,
    announced,
    asked,
    decided,
    drafted,
    heard,
    proposed,
    ready,
)

from kfi_allocation.domain.groups import Group
from kfi_allocation.domain.hearing import FamilysAnswer, HearingAnswer
from kfi_allocation.domain.objection import ObjectionReason
from kfi_allocation.domain.placement_due import OfficeDays, WaitsFor, set_due_date

DAYS = OfficeDays(planner=5, signatory=3)


def _coordinated(agrees: bool):
    placement = proposed(Group.LATE_REPATRIATES)
    placement.record_familys_answer(FamilysAnswer(MUENSTER, agrees, TODAY), today=TODAY)
    return placement


def _of_a_community():
    placement = asked(Group.JEWISH_IMMIGRANTS)
    placement.record_hearing(HearingAnswer(TODAY, (), "ja"), today=TODAY)
    return placement


@pytest.mark.parametrize(
    ("make", "turn"),
    [
        (announced, WaitsFor.PLANNER),
        (proposed, WaitsFor.PLANNER),
        (asked, WaitsFor.FAMILY),
        (heard, WaitsFor.PLANNER),
        (_of_a_community, WaitsFor.COMMUNITY),
        (drafted, WaitsFor.TOWN),
        (ready, WaitsFor.SIGNATORY),
        (decided, WaitsFor.ARRIVAL),
        (lambda: proposed(Group.LATE_REPATRIATES), WaitsFor.FAMILY),
        (lambda: _coordinated(agrees=True), WaitsFor.TOWN),
        (lambda: _coordinated(agrees=False), WaitsFor.PLANNER),
    ],
)
def test_it_is_always_somebodys_turn(make, turn):
    placement = make()
    set_due_date(placement, TODAY, DAYS)
    assert placement.waits_for == turn.value
    assert placement.due_on is not None


def test_an_open_objection_is_the_planners_turn_whatever_else_runs():
    placement = drafted()
    placement.object_to(MUENSTER, ObjectionReason.OTHER, "", on=TODAY)
    set_due_date(placement, TODAY, DAYS)
    assert placement.waits_for == WaitsFor.PLANNER.value
    placement.uphold_objection(PLANNER, "ja", on=TODAY)
    set_due_date(placement, TODAY, DAYS)
    assert placement.waits_for == WaitsFor.PLANNER.value


def test_the_day_the_town_was_given_is_the_day_it_is_due():
    placement = drafted()
    set_due_date(placement, TODAY, DAYS)
    assert placement.due_on == OBJECT_UNTIL


def test_nothing_is_due_when_it_has_ended():
    placement = decided()
    placement.cancel(TODAY)
    set_due_date(placement, TODAY, DAYS)
    assert (placement.waits_for, placement.due_on) == (None, None)


def test_the_date_stays_while_the_turn_stays():
    placement = heard()
    set_due_date(placement, TODAY, DAYS)
    due = placement.due_on
    set_due_date(placement, replace(placement, announced_on=OBJECT_UNTIL).announced_on, DAYS)
    assert placement.due_on == due
