"""The decided procedure: the family is heard, a planner drafts with individual reasons, a second person signs."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from kfi_allocation.domain import happenings
from kfi_allocation.domain.decision import Decision, Draft, SignedPaper
from kfi_allocation.domain.errors import FourEyesViolated, LetterChanged, PeriodRuns, ReasonsMissing, WrongState
from kfi_allocation.domain.groups import group_on
from kfi_allocation.domain.hearing import CommunityHearing, Hearing, HearingAnswer
from kfi_allocation.domain.placement_objection import Objected
from kfi_allocation.domain.placement_states import Action, State


@dataclass
class Decided(Objected):
    """Hearing, draft, signature."""

    @property
    def community_is_asked(self) -> bool:
        """Whether the group has a community that is heard."""
        return group_on(self.group, self.announced_on).community_is_asked

    def order_hearing(self, hearing: Hearing) -> None:
        """Ask the family about the town of now, by letter. Raises WrongState when it was asked already."""
        self._must_be_the_town(Action.ORDER_HEARING, hearing.ags)
        self._must_have_no_open_objection()
        if self.hearing is not None and self.hearing.lapsed_on is None:
            raise WrongState("The family was asked about this town.", fix="Wait for its answer.")
        details = {"ags": hearing.ags, "answer_by": hearing.answer_by.isoformat(), "letter_id": str(hearing.letter_id)}
        self._move(Action.ORDER_HEARING, details=details)
        self.proceedings = replace(self.proceedings, hearings=(*self.proceedings.hearings, hearing))

    def record_hearing(self, answer: HearingAnswer, *, today: date) -> None:
        """The family's answer, however late; a draft without it is void. Raises DateNotPossible, WrongState."""
        self._must_allow(Action.RECORD_HEARING)
        hearing = self._hearing_of_now(Action.RECORD_HEARING)
        self._must_lie_between("received_on", answer.received_on, hearing.asked_on, today)
        self._move(Action.RECORD_HEARING, State.HEARD, details={"received_on": answer.received_on.isoformat()})
        self._put_hearing(replace(hearing, answer=answer))
        self._drop_draft()

    def end_hearing_period(self, today: date) -> bool:
        """Its last day has passed without an answer: it is decided on the file. Whether anything was to be done."""
        hearing = self.hearing
        if self.state is not State.PROPOSED or hearing is None or hearing.answer or today <= hearing.answer_by:
            return False
        if self.needs_another_town or hearing.lapsed_on is not None:
            return False
        self._move(Action.END_HEARING_PERIOD, State.HEARD, details={"ags": hearing.ags})
        self._put_hearing(replace(hearing, lapsed_on=today))
        return True

    def ask_community(self, hearing: CommunityHearing) -> None:
        """The Kultusgemeinde is asked about the town of now. Raises WrongState for another group, or when it was."""
        self._must_be_the_town(Action.ASK_COMMUNITY, hearing.ags)
        if not self.community_is_asked or self.community is not None:
            raise WrongState("No community is to be asked about this town.", fix="Read the placement again.")
        self._move(Action.ASK_COMMUNITY, details={"ags": hearing.ags, "answer_by": hearing.answer_by.isoformat()})
        self.proceedings = replace(self.proceedings, communities=(*self.proceedings.communities, hearing))

    def record_communitys_answer(self, *, supports: bool, text: str, received_on: date, today: date) -> None:
        """What it said, however late; a draft that did not know it is void. Raises DateNotPossible, WrongState."""
        self._must_allow(Action.RECORD_COMMUNITYS_ANSWER)
        asked = self.community
        if asked is None or asked.answered_on is not None:
            raise WrongState("No answer of a community is awaited.", fix="Read the placement again.")
        self._must_lie_between("received_on", received_on, asked.asked_on, today)
        target = State.HEARD if self.state is State.READY else self.state
        reason = "supports" if supports else "does-not-support"
        self._move(Action.RECORD_COMMUNITYS_ANSWER, target, reason=reason)
        answered = replace(asked, answered_on=received_on, supports=supports, text=text)
        communities = tuple(answered if each is asked else each for each in self.proceedings.communities)
        self.proceedings = replace(self.proceedings, communities=communities)
        self._drop_draft()

    def draft_decision(self, draft: Draft) -> None:
        """Put a decision before the signatory. Raises ReasonsMissing, PeriodRuns, ObjectionOpen, WrongState."""
        self._must_be_the_town(Action.DRAFT, draft.ags)
        self._must_have_no_open_objection()
        self._must_have_heard_the_community(draft.drafted_on)
        self._must_give_reasons(draft)
        details = {"ags": draft.ags, "run_id": str(draft.reasons.run_id), "input_root": draft.reasons.input_root}
        self._move(Action.DRAFT, State.READY, details=details)
        self.proceedings = replace(self.proceedings, draft=draft)

    def return_draft(self, by: str) -> None:
        """The signatory gives it back. Raises FourEyesViolated, WrongState."""
        draft = self._draft_of_now(Action.RETURN_DRAFT)
        self._must_be_another_person(draft, by)
        self._move(Action.RETURN_DRAFT, State.HEARD)
        self._drop_draft()

    def sign(
        self,
        by: str,
        *,
        seen_digest: str,
        letter_digest: str,
        on: date,
        decision_id: UUID,
        letter_id: UUID,
        letter: str = "",
        named: str | None = None,
    ) -> Decision:
        """The second signature makes the decision, on the very letter that was read; ``letter`` is kept as it is sent.

        Raises FourEyesViolated, LetterChanged, ReasonsMissing, ObjectionOpen, PeriodRuns (of the town), WrongState.
        """
        draft = self._draft_of_now(Action.SIGN)
        self._must_be_another_person(draft, by)
        self._must_have_no_open_objection()
        self._must_have_heard_the_town()
        self._must_give_reasons(draft)
        if seen_digest != letter_digest:
            raise LetterChanged(
                "The letter that would be sent is not the one that was read.", fix="Read it again and sign its digest.",
                field="digest",
            )  # fmt: skip
        details = {"decision_id": str(decision_id), "ags": draft.ags, "letter_digest": letter_digest}
        self._move(Action.SIGN, State.DECIDED, details=details)
        decision = Decision(decision_id, draft.ags, on, draft.by, by, letter_id, letter_digest)
        self.decisions = (*self.decisions, decision)
        papers = (*self.proceedings.papers, SignedPaper(decision_id, draft, named, letter))
        self.proceedings = replace(self.proceedings, draft=None, papers=papers)
        self.happened.append(happenings.AllocationDecided(decision_id, draft.ags, on, letter_id))
        return decision

    def _hearing_of_now(self, action: Action) -> Hearing:
        if self.hearing is None or self.needs_another_town:
            raise self._wrong_state(action)
        return self.hearing

    def _put_hearing(self, hearing: Hearing) -> None:
        hearings = (*(h for h in self.proceedings.hearings if h.letter_id != hearing.letter_id), hearing)
        self.proceedings = replace(self.proceedings, hearings=hearings)

    def _draft_of_now(self, action: Action) -> Draft:
        self._must_allow(action)
        draft = self.proceedings.draft
        if draft is None:
            raise self._wrong_state(action)
        return draft

    def _must_have_heard_the_community(self, today: date) -> None:
        asked = self.community
        if not self.community_is_asked or (asked is not None and (asked.answered_on or today > asked.answer_by)):
            return
        raise PeriodRuns(
            "The Kultusgemeinde was not asked about this town, or may still answer.",
            fix="Ask it, and wait for its answer or for the end of its period.",
        )

    def _must_have_heard_the_town(self) -> None:
        if self.town_agreed_on is None:
            raise PeriodRuns("The town may still object.", fix="Wait for its agreement or for the end of its period.")

    def _must_give_reasons(self, draft: Draft) -> None:
        """A standard text decides nothing (VG Arnsberg 2017): the figures are its own, and who spoke is answered."""
        draft.reasons.must_be_about(self.id, self.run_id, self.ags)
        if draft.reasons.need_words and not any(sentence.strip() for sentence in draft.weighing):
            raise ReasonsMissing(
                "The figures speak for another town, and nobody says why it is this one.",
                fix="Say why it is this town all the same, or plan the household again.",
                field="weighing",
            )
        hearing, community = self.hearing, self.community
        if hearing is not None and hearing.answer is not None and not (draft.reply_to_family or "").strip():
            raise ReasonsMissing(
                "The family's answer is not answered.", fix="Say what became of it.", field="reply_to_family"
            )
        if community is not None and community.answered_on and not (draft.reply_to_community or "").strip():
            raise ReasonsMissing(
                "The answer of the Kultusgemeinde is not answered.",
                fix="Say what became of it.",
                field="reply_to_community",
            )

    @staticmethod
    def _must_be_another_person(draft: Draft, by: str) -> None:
        if by == draft.by:
            raise FourEyesViolated(
                "The person who drafted cannot sign; another account of the same person changes nothing.",
                fix="Have another signatory read and sign.",
            )
