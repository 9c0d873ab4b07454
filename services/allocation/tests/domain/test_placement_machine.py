"""Whatever people do in whatever order: a placement moves by its table of states alone and breaks no promise."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from services.allocation.tests.placements import (
    BIELEFELD,
    DORTMUND,
    MUENSTER,
    PLANNER,
    RUN,
    SIGNATORY,
    TODAY,
    announced,
    draft_for,
    reasons_for,
)

from kfi_allocation.domain import happenings
from kfi_allocation.domain.errors import RuleBroken
from kfi_allocation.domain.groups import Group, Procedure
from kfi_allocation.domain.hearing import CommunityHearing, FamilysAnswer, Hearing, HearingAnswer
from kfi_allocation.domain.objection import ObjectionReason
from kfi_allocation.domain.placement import Placement, Revision, RevisionReason
from kfi_allocation.domain.placement_states import Action, State, targets

TOWNS = st.sampled_from((MUENSTER, DORTMUND, BIELEFELD))
PERSONS = st.sampled_from((PLANNER, SIGNATORY))
FLAG = st.booleans()


class PlacementMachine(RuleBasedStateMachine):
    """Every action with every input; what is refused changes nothing."""

    placement: Placement

    @initialize(group=st.sampled_from(Group))
    def begin(self, group: Group) -> None:
        self.placement, self.today, self.signed_without_reasons = announced(group), TODAY, False

    def _try(self, act) -> None:
        before = replace(self.placement, steps=[*self.placement.steps], happened=[*self.placement.happened])
        try:
            act(self.placement)
        except RuleBroken:
            assert self.placement == before, "what is refused changes nothing"
            return
        for step in self.placement.steps[len(before.steps) :]:
            assert step.target in targets(step.action, step.source, self.placement.procedure)

    @rule(days=st.integers(0, 20))
    def days_pass(self, days: int) -> None:
        self.today += timedelta(days=days)
        self._try(lambda p: p.end_objection_period(self.today))
        self._try(lambda p: p.end_hearing_period(self.today))

    @rule(ags=TOWNS)
    def propose(self, ags: str) -> None:
        until = self.today + timedelta(days=14)
        self._try(lambda p: p.propose(RUN, ags, object_until=until, on=self.today))

    @rule(ags=TOWNS, by=PERSONS)
    def revise(self, ags: str, by: str) -> None:
        revision = Revision(self.placement.ags or "", ags, RevisionReason.OVERRIDDEN, by, self.today)
        self._try(lambda p: p.revise(revision, run_id=RUN, object_until=self.today + timedelta(days=14)))

    @rule(ags=TOWNS)
    def object_to(self, ags: str) -> None:
        self._try(lambda p: p.object_to(ags, ObjectionReason.OVERLOADED, "voll", on=self.today))

    @rule(upheld=FLAG)
    def decide_about_the_objection(self, upheld: bool) -> None:
        name = "uphold_objection" if upheld else "reject_objection"
        self._try(lambda p: getattr(p, name)(PLANNER, "weil", on=self.today))

    @rule(ags=TOWNS)
    def town_agrees(self, ags: str) -> None:
        self._try(lambda p: p.record_towns_agreement(ags, on=self.today))

    @rule(ags=TOWNS, agrees=FLAG)
    def family_agrees(self, ags: str, agrees: bool) -> None:
        self._try(lambda p: p.record_familys_answer(FamilysAnswer(ags, agrees, self.today), today=self.today))

    @rule(ags=TOWNS)
    def ask(self, ags: str) -> None:
        by = self.today + timedelta(days=10)
        self._try(lambda p: p.order_hearing(Hearing(uuid4(), ags, self.today, by)))
        self._try(lambda p: p.ask_community(CommunityHearing(ags, self.today, by)))

    @rule(text=st.sampled_from(("", "nein")))
    def hear(self, text: str) -> None:
        self._try(lambda p: p.record_hearing(HearingAnswer(self.today, (), text), today=self.today))

    @rule(supports=FLAG)
    def community_answers(self, supports: bool) -> None:
        self._try(
            lambda p: p.record_communitys_answer(
                supports=supports, text="", received_on=self.today, today=self.today
            )
        )  # fmt: skip

    @rule(by=PERSONS, ags=TOWNS, replies=FLAG)
    def draft(self, by: str, ags: str, replies: bool) -> None:
        draft = replace(draft_for(self.placement), by=by, ags=ags, drafted_on=self.today)
        draft = replace(draft, reasons=reasons_for(self.placement, ags), reply_to_community="zur Kenntnis genommen")
        self._try(lambda p: p.draft_decision(draft if replies else replace(draft, reply_to_family=None)))

    @rule(by=PERSONS)
    def return_draft(self, by: str) -> None:
        self._try(lambda p: p.return_draft(by))

    @rule(by=PERSONS, seen=st.sampled_from("ab"))
    def sign(self, by: str, seen: str) -> None:
        draft, objected = self.placement.proceedings.draft, self.placement.open_objection
        answer = self.placement.hearing and self.placement.hearing.answer
        known = len(self.placement.decisions)
        self._try(
            lambda p: p.sign(
                by, seen_digest=seen, letter_digest="a", on=self.today, decision_id=uuid4(), letter_id=uuid4()
            )
        )  # fmt: skip
        if len(self.placement.decisions) > known:
            assert draft is not None
            assert (draft.by != by, seen, objected) == (True, "a", None)
            assert draft.reasons.household_id == self.placement.id
            assert answer is None or draft.reply_to_family

    @rule(persons=st.integers(1, 8))
    def amend(self, persons: int) -> None:
        self._try(lambda p: p.amend(persons=persons, arrival_on=self.today))

    @rule()
    def cancel(self) -> None:
        self._try(lambda p: p.cancel(self.today))

    @rule(persons=st.integers(1, 8))
    def arrive(self, persons: int) -> None:
        self._try(lambda p: p.confirm_arrival(persons=persons, on=self.today))

    @rule(ags=TOWNS | st.none())
    def move(self, ags: str | None) -> None:
        self._try(lambda p: p.record_move(ags, persons=p.persons, on=self.today))

    @invariant()
    def only_the_decided_are_decided_over(self) -> None:
        coordinated = self.placement.procedure is Procedure.COORDINATED
        assert not (coordinated and self.placement.decisions)
        assert not (not coordinated and self.placement.state is State.AGREED)

    @invariant()
    def nobody_is_settled_in_a_town_whose_objection_was_upheld(self) -> None:
        if self.placement.state in (State.AGREED, State.DECIDED):
            assert not self.placement.needs_another_town
            assert self.placement.open_objection is None
            assert self.placement.town_agreed_on is not None

    @invariant()
    def each_event_has_its_step(self) -> None:
        assert isinstance(self.placement.happened[0], happenings.HouseholdAnnounced)
        named = {
            Action.PROPOSE: happenings.AllocationProposed,
            Action.OBJECT: happenings.AllocationObjected,
            Action.REVISE: happenings.AllocationRevised,
            Action.SIGN: happenings.AllocationDecided,
            Action.CANCEL: happenings.HouseholdCancelled,
            Action.CONFIRM_ARRIVAL: happenings.ArrivalConfirmed,
        }
        for action, event in named.items():
            taken = sum(step.action is action for step in self.placement.steps)
            assert taken == sum(isinstance(each, event) for each in self.placement.happened)


PlacementMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestPlacementMachine = PlacementMachine.TestCase
