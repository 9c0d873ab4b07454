from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from services.allocation.tests.placements import (
    DORTMUND,
    MUENSTER,
    OBJECT_UNTIL,
    PLANNER,
    RUN,
    TODAY,
    asked,
    decided,
    draft_for,
    drafted,
    heard,
    proposed,
    ready,
    reasons_for,
    sign,
)

from kfi_allocation.domain import happenings
from kfi_allocation.domain.errors import (
    DateNotPossible,
    FourEyesViolated,
    LetterChanged,
    ObjectionOpen,
    PeriodOver,
    PeriodRuns,
    ReasonsMissing,
    TownExcluded,
    WrongState,
)
from kfi_allocation.domain.groups import Group
from kfi_allocation.domain.hearing import FamilysAnswer, HearingAnswer
from kfi_allocation.domain.objection import ObjectionReason
from kfi_allocation.domain.placement import Placement, Revision, RevisionReason
from kfi_allocation.domain.placement_states import State

AFTER = OBJECT_UNTIL + timedelta(days=1)


def _revision(to: str = DORTMUND, of: str = MUENSTER) -> Revision:
    return Revision(of, to, RevisionReason.OVERRIDDEN, PLANNER, TODAY, "näher an der Schule")


def _objected(placement: Placement) -> Placement:
    placement.object_to(MUENSTER, ObjectionReason.NO_HOUSING, "Kein Wohnraum.", on=TODAY)
    return placement


def test_a_decision_names_individual_reasons_or_is_none():
    """VG Arnsberg of 9 February 2017: a standard text is no exercise of discretion."""
    placement = heard()
    placement.record_towns_agreement(MUENSTER, on=TODAY)
    own = draft_for(placement)
    another = replace(own, reasons=replace(own.reasons, household_id=uuid4()))
    nothing = replace(own, reasons=replace(own.reasons, alternatives=()))
    of_another_town = replace(own, reasons=reasons_for(placement, DORTMUND))
    for standard_text in (another, nothing, of_another_town, replace(own, reply_to_family=" ")):
        with pytest.raises(ReasonsMissing):
            placement.draft_decision(standard_text)
        placement.state, placement.proceedings = State.READY, replace(placement.proceedings, draft=standard_text)
        with pytest.raises(ReasonsMissing):
            sign(placement)
        placement.state = State.HEARD
    placement.draft_decision(own)
    sign(placement)
    assert placement.decision is not None
    assert placement.state is State.DECIDED


@pytest.mark.parametrize(
    "against", [{"alternatives": "139"}, {"obstacles": ("reception stop",)}], ids=["another costs less", "it is closed"]
)
def test_a_town_against_the_figures_is_decided_for_a_reason_or_not_at_all(against):
    placement = heard()
    placement.record_towns_agreement(MUENSTER, on=TODAY)
    own = draft_for(placement)
    chosen = replace(own.reasons.chosen, obstacles=against.get("obstacles", ()))
    others = tuple(replace(each, total=against.get("alternatives", "200")) for each in own.reasons.alternatives)
    against_figures = replace(own, reasons=replace(own.reasons, chosen=chosen, alternatives=others))
    with pytest.raises(ReasonsMissing) as told:
        placement.draft_decision(replace(against_figures, weighing=(" ",)))
    assert told.value.field == "weighing"
    placement.draft_decision(against_figures)
    sign(placement)
    assert placement.state is State.DECIDED


def test_who_drafted_cannot_sign():
    with pytest.raises(FourEyesViolated):
        sign(ready(), by=PLANNER)
    with pytest.raises(FourEyesViolated):
        ready().return_draft(PLANNER)


def test_what_is_signed_is_what_was_read():
    with pytest.raises(LetterChanged):
        sign(ready(), seen="other")


def test_nothing_is_signed_while_the_town_may_object_or_has_objected():
    placement = heard()
    placement.draft_decision(draft_for(placement))
    with pytest.raises(PeriodRuns):
        sign(placement)
    _objected(placement)
    with pytest.raises(ObjectionOpen):
        sign(placement)


def test_a_town_objects_within_its_period_and_only_to_what_was_proposed_to_it():
    placement = proposed()
    with pytest.raises(PeriodOver):
        placement.object_to(MUENSTER, ObjectionReason.OTHER, "", on=AFTER)
    with pytest.raises(WrongState):
        placement.object_to(DORTMUND, ObjectionReason.OTHER, "", on=TODAY)
    _objected(placement)
    with pytest.raises(ObjectionOpen):
        _objected(placement)
    with pytest.raises(WrongState):
        _objected(decided())


def test_an_upheld_objection_excludes_the_town_until_another_is_named():
    placement = _objected(drafted())
    placement.uphold_objection(PLANNER, "stimmt", on=TODAY)
    assert placement.excluded == (MUENSTER,)
    assert placement.needs_another_town
    assert placement.proceedings.draft is None
    with pytest.raises(WrongState):
        placement.record_towns_agreement(MUENSTER, on=TODAY)
    assert not placement.end_objection_period(AFTER)
    placement.revise(_revision(), run_id=RUN, object_until=OBJECT_UNTIL)
    assert placement.ags == DORTMUND
    assert not placement.needs_another_town
    with pytest.raises(TownExcluded):
        placement.revise(_revision(MUENSTER, DORTMUND), run_id=RUN, object_until=OBJECT_UNTIL)


def test_a_rejected_objection_was_the_towns_word():
    placement = _objected(drafted())
    placement.reject_objection(PLANNER, "Wohnraum ist gemeldet.", on=TODAY)
    sign(placement)
    assert placement.state is State.DECIDED


def test_a_planner_who_names_another_town_upholds_the_open_objection():
    placement = _objected(proposed())
    placement.revise(_revision(), run_id=RUN, object_until=OBJECT_UNTIL)
    assert placement.excluded == (MUENSTER,)
    assert placement.open_objection is None


def test_a_town_that_was_silent_agrees_when_its_period_is_over():
    placement = proposed()
    assert not placement.end_objection_period(OBJECT_UNTIL)
    assert placement.end_objection_period(AFTER)
    assert placement.town_agreed_on == AFTER
    assert not placement.end_objection_period(AFTER)


def test_late_repatriates_are_agreed_with_and_never_decided_over():
    placement = proposed(Group.LATE_REPATRIATES)
    with pytest.raises(WrongState):
        placement.draft_decision(draft_for(placement))
    placement.record_familys_answer(FamilysAnswer(MUENSTER, agrees=True, answered_on=TODAY), today=TODAY)
    assert placement.state is State.PROPOSED
    placement.record_towns_agreement(MUENSTER, on=TODAY)
    assert placement.state is State.AGREED
    assert placement.happened[-1] == happenings.PlacementAgreed(MUENSTER, TODAY)


def test_whoever_of_both_agrees_last_makes_the_agreement():
    placement = proposed(Group.CO_TRAVELLING_FAMILY)
    placement.end_objection_period(AFTER)
    assert placement.state is State.PROPOSED
    no = FamilysAnswer(MUENSTER, agrees=False, answered_on=TODAY)
    placement.record_familys_answer(no, today=AFTER)
    assert placement.state is State.PROPOSED
    placement.record_familys_answer(replace(no, agrees=True), today=AFTER)
    assert placement.state is State.AGREED
    assert placement.agreed_on == AFTER


def test_a_family_that_is_decided_over_is_not_asked_to_agree():
    with pytest.raises(WrongState):
        proposed().record_familys_answer(FamilysAnswer(MUENSTER, True, TODAY), today=TODAY)


def test_a_late_answer_of_the_family_voids_the_draft():
    placement = asked()
    assert not placement.end_hearing_period(TODAY + timedelta(days=10))
    assert placement.end_hearing_period(TODAY + timedelta(days=11))
    assert placement.state is State.HEARD
    placement.draft_decision(replace(draft_for(placement), reply_to_family=None))
    answer = HearingAnswer(TODAY + timedelta(days=12), (), "Wir bleiben lieber hier.")
    placement.record_hearing(answer, today=TODAY + timedelta(days=12))
    assert placement.state is State.HEARD
    assert placement.proceedings.draft is None
    with pytest.raises(ReasonsMissing):
        placement.draft_decision(replace(draft_for(placement), reply_to_family=None))


def test_an_answer_before_the_question_or_from_tomorrow_is_none():
    for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=1)):
        with pytest.raises(DateNotPossible):
            asked().record_hearing(HearingAnswer(day, (), ""), today=TODAY)


def test_without_a_hearing_nothing_is_drafted():
    with pytest.raises(WrongState):
        proposed().draft_decision(draft_for(proposed()))
    with pytest.raises(WrongState):
        proposed().record_hearing(HearingAnswer(TODAY, (), ""), today=TODAY)


def test_the_kultusgemeinde_is_heard_and_answered():
    placement = asked(Group.JEWISH_IMMIGRANTS)
    placement.record_hearing(HearingAnswer(TODAY, (), "gern"), today=TODAY)
    with pytest.raises(PeriodRuns):
        placement.draft_decision(draft_for(placement))
    placement.record_communitys_answer(supports=False, text="zu weit", received_on=TODAY, today=TODAY)
    with pytest.raises(ReasonsMissing):
        placement.draft_decision(draft_for(placement))
    placement.draft_decision(replace(draft_for(placement), reply_to_community="Die Gemeinde in Münster nimmt auf."))
    assert placement.state is State.READY


def test_the_kultusgemeinde_is_asked_for_its_own_alone_and_does_not_hold_up_for_ever():
    placement = asked(Group.JEWISH_IMMIGRANTS)
    placement.end_hearing_period(TODAY + timedelta(days=11))
    placement.draft_decision(replace(draft_for(placement), drafted_on=TODAY + timedelta(days=11), reply_to_family=None))
    assert placement.state is State.READY
    with pytest.raises(WrongState):
        asked().record_communitys_answer(supports=True, text="", received_on=TODAY, today=TODAY)


def test_after_a_decision_another_town_needs_another_decision_of_two_persons():
    placement = decided()
    first = placement.decision
    placement.revise(_revision(), run_id=RUN, object_until=OBJECT_UNTIL)
    assert placement.state is State.PROPOSED
    assert placement.decision == first
    with pytest.raises(WrongState):
        sign(placement)
    with pytest.raises(WrongState):
        placement.confirm_arrival(persons=4, on=TODAY)


def test_what_was_said_about_the_former_town_is_said_anew():
    placement = ready()
    placement.revise(_revision(), run_id=RUN, object_until=OBJECT_UNTIL)
    assert (placement.hearing, placement.town_agreed_on, placement.proceedings.draft) == (None, None, None)
