"""What becomes of the letters to the family: announced, failed, come back, ordered again, finality."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from kfi_allocation.domain.decision import Decision, LetterKind, SentLetter
from kfi_allocation.domain.errors import WrongState
from kfi_allocation.domain.placement_record import PlacementRecord
from kfi_allocation.domain.placement_states import Action


@dataclass
class Lettered(PlacementRecord):
    """Letters and what the post made of them."""

    def letter_was_ordered(self, letter_id: UUID, kind: LetterKind, *, on: date) -> None:
        """Remember a letter, so that what is told of it is known."""
        self.letters = (*self.letters, SentLetter(letter_id, kind, on))

    def record_announcement(self, act_id: UUID, announced_on: date, remedy_ends_on: date | None) -> None:
        """A decision is announced; its remedy period runs. Raises WrongState for an act that is none of this case."""
        decision = self._decision_of(act_id, Action.RECORD_ANNOUNCEMENT)
        details = {"decision_id": str(act_id), "announced_on": announced_on.isoformat()}
        self._move(Action.RECORD_ANNOUNCEMENT, details=details)
        self._put(replace(decision, announced_on=announced_on, remedy_ends_on=remedy_ends_on))
        self._put_letter(decision.letter_id, None)

    def end_remedy_period(self, act_id: UUID, ended_on: date) -> None:
        """Nobody contested a decision in time: it is final (bestandskräftig) from that day."""
        decision = self._decision_of(act_id, Action.END_REMEDY_PERIOD)
        self._move(Action.END_REMEDY_PERIOD, details={"decision_id": str(act_id), "ended_on": ended_on.isoformat()})
        self._put(replace(decision, final_on=ended_on))

    def record_failed_letter(self, letter_id: UUID, reason: str) -> None:
        """A letter did not get out or was recalled; a person looks after it."""
        self._move(Action.RECORD_FAILED_LETTER, reason=reason, details={"letter_id": str(letter_id)})
        self._put_letter(letter_id, reason)

    def record_returned_letter(self, letter_id: UUID, act_id: UUID | None, reason: str) -> None:
        """The post brought a letter back; if it was a decision's, nothing was announced and no period ran."""
        self._move(Action.RECORD_RETURNED_LETTER, reason=reason, details={"letter_id": str(letter_id)})
        self._put_letter(letter_id, reason)
        if act_id is not None:
            decision = self._decision_of(act_id, Action.RECORD_RETURNED_LETTER)
            self._put(replace(decision, announced_on=None, remedy_ends_on=None))

    def order_letter_again(self, letter_id: UUID, new_id: UUID, *, on: date) -> SentLetter:
        """The same letter once more, after it failed or came back. Raises WrongState while it is on its way."""
        self._must_allow(Action.ORDER_LETTER_AGAIN)
        failed = next((each for each in self.letters if each.id == letter_id and each.failed is not None), None)
        if failed is None:
            raise WrongState("The letter is on its way or has arrived.", fix="Read the placement again.")
        self._move(Action.ORDER_LETTER_AGAIN, details={"letter_id": str(letter_id), "new_letter_id": str(new_id)})
        again = SentLetter(new_id, failed.kind, on)
        self.letters = tuple(again if each is failed else each for each in self.letters)
        for decision in self.decisions:
            if decision.letter_id == letter_id:
                self._put(replace(decision, letter_id=new_id))
        return again

    @property
    def failed_letter(self) -> SentLetter | None:
        """A letter that did not reach the family and was not ordered again."""
        return next((each for each in self.letters if each.failed is not None), None)

    def _decision_of(self, act_id: UUID, action: Action) -> Decision:
        found = next((each for each in self.decisions if each.id == act_id), None)
        if found is None:
            raise self._wrong_state(action)
        return found

    def _put(self, decision: Decision) -> None:
        self.decisions = tuple(decision if each.id == decision.id else each for each in self.decisions)

    def _put_letter(self, letter_id: UUID, failed: str | None) -> None:
        self.letters = tuple(replace(each, failed=failed) if each.id == letter_id else each for each in self.letters)
