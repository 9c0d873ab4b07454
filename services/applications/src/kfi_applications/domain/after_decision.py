"""The case after its decision: announcement, waiver, court action, finality."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from kfi_applications.domain.case_record import CaseRecord, Happening
from kfi_applications.domain.decision import Decision, Outcome
from kfi_applications.domain.errors import WrongState
from kfi_applications.domain.remedies import ActionEnd, FailedNotification, FinalityBasis, PaymentBlock
from kfi_applications.domain.states import Action, State

LETTER: Final = "letter"


@dataclass
class AfterDecision(CaseRecord):
    """What happens to a case once it is decided."""

    def record_not_announced(self, last_day: date) -> None:
        """Nobody retrieved the letter from the inbox in time: no period runs, it goes by post (§ 41 (2a) VwVfG)."""
        self._move(Action.RECORD_NOT_ANNOUNCED, self.state, details={"last_day": last_day.isoformat()})
        self.remedies = replace(self.remedies, not_retrieved_by=last_day)

    def record_announcement(self, announced_on: date, remedy_ends_on: date | None) -> None:
        """The decision is announced; final at once when remedies were waived before."""
        was_final = self.state is State.FINAL
        if was_final and not self.letter_came_back:
            raise self._wrong_state(Action.RECORD_ANNOUNCEMENT)
        target = State.ANNOUNCED if self.remedies.waived_on is None and not was_final else State.FINAL
        self._move(Action.RECORD_ANNOUNCEMENT, target, details={"announced_on": announced_on.isoformat()})
        self.remedies = replace(self.remedies, announced_on=announced_on, remedy_ends_on=remedy_ends_on)
        self.failed_notifications = tuple(f for f in self.failed_notifications if f.kind != (LETTER, True))
        if self.remedies.waived_on is not None and not was_final:
            self._become_final(max(announced_on, self.remedies.waived_on), FinalityBasis.WAIVER)

    def record_failed_notification(self, failed: FailedNotification) -> None:
        """A letter or e-mail did not get out; the state stays, a person looks after it."""
        self._move(
            Action.RECORD_FAILED_NOTIFICATION, self.state, reason=failed.reason, details={"channel": failed.channel}
        )
        self._keep(failed)

    def record_returned_letter(self, returned: FailedNotification) -> None:
        """The post brought a letter back. If it was the decision's, nothing was announced and no period ran.

        A case that is final stays so, because others act on that; nothing is paid until the letter was sent again.
        """
        target = self.state
        if returned.of_decision:
            if self.state is State.ANNOUNCED:
                target = State.REJECTED if self._decided(Outcome.REJECTED) else State.GRANTED
            self.remedies = replace(self.remedies, announced_on=None, remedy_ends_on=None)
        self._move(Action.RECORD_RETURNED_LETTER, target, reason=returned.reason)
        self._keep(returned)

    def order_letter_again(self, letter_id: UUID) -> Decision:
        """The decision's letter did not reach anybody: it is ordered once more. Raises WrongState."""
        self._must_allow(Action.ORDER_LETTER_AGAIN)
        if self.decision is None or not self.letter_failed:
            raise WrongState("The letter is on its way or has arrived.", fix="Read the case again.")
        self._move(Action.ORDER_LETTER_AGAIN, self.state, details={"letter_id": str(letter_id)})
        self.decision = replace(self.decision, letter_id=letter_id)
        self.failed_notifications = tuple(
            replace(f, final=False) if f.kind == (LETTER, True) else f for f in self.failed_notifications
        )
        return self.decision

    @property
    def letter_failed(self) -> bool:
        """Whether the decision's letter failed, was recalled or came back, and was not ordered again."""
        return any(f.kind == (LETTER, True) and f.final for f in self.failed_notifications)

    @property
    def letter_came_back(self) -> bool:
        """Whether the decision's letter came back, and none that was ordered again has arrived."""
        return any(f.kind == (LETTER, True) for f in self.failed_notifications)

    def _keep(self, failed: FailedNotification) -> None:
        self.failed_notifications = (*(f for f in self.failed_notifications if f.kind != failed.kind), failed)

    def _decided(self, outcome: Outcome) -> bool:
        return self.decision is not None and self.decision.outcome is outcome

    def waive_remedies(self, received_on: date, *, today: date) -> None:
        """Final on the day the waiver is received; before the announcement it waits for it."""
        self._must_allow(Action.WAIVE_REMEDIES)
        self._must_be_possible("received_on", received_on, today)
        if self.remedies.waived_on is not None:
            raise WrongState("Remedies were waived already.", fix="Wait for the announcement.")
        announced = self.remedies.announced_on
        target = self.state if announced is None else State.FINAL
        self._move(Action.WAIVE_REMEDIES, target, details={"received_on": received_on.isoformat()})
        self.remedies = replace(self.remedies, waived_on=received_on)
        if announced is not None:
            self._become_final(max(announced, received_on), FinalityBasis.WAIVER)

    def record_court_action(self, filed_on: date, *, today: date) -> None:
        """An action holds finality until it is concluded."""
        self._must_allow(Action.RECORD_COURT_ACTION)
        self._must_be_possible("filed_on", filed_on, today)
        self._move(Action.RECORD_COURT_ACTION, State.ACTION_PENDING, details={"filed_on": filed_on.isoformat()})
        self.remedies = replace(self.remedies, action_filed_on=filed_on, action_concluded_on=None)

    def conclude_court_action(self, end: ActionEnd, concluded_on: date, *, today: date) -> None:
        """Final, unless the action was withdrawn while the remedy period still runs: then the period runs on."""
        self._must_allow(Action.CONCLUDE_COURT_ACTION)
        self._must_be_possible("concluded_on", concluded_on, today, not_before=self.remedies.action_filed_on)
        runs_on = end is ActionEnd.WITHDRAWN and self.remedies.remedy_period_ended_on is None
        target = State.ANNOUNCED if runs_on else State.FINAL
        details = {"concluded_on": concluded_on.isoformat()}
        self._move(Action.CONCLUDE_COURT_ACTION, target, reason=end, details=details)
        self.remedies = replace(self.remedies, action_concluded_on=concluded_on)
        if not runs_on:
            self._become_final(concluded_on, FinalityBasis.ACTION_CONCLUDED)

    def end_remedy_period(self, ended_on: date) -> None:
        """Nobody sued: final from that day. A pending action holds it."""
        self._must_allow(Action.END_REMEDY_PERIOD)
        target = State.ACTION_PENDING if self.state is State.ACTION_PENDING else State.FINAL
        self._move(Action.END_REMEDY_PERIOD, target, details={"ended_on": ended_on.isoformat()})
        self.remedies = replace(self.remedies, remedy_period_ended_on=ended_on)
        if target is State.FINAL:
            self._become_final(ended_on, FinalityBasis.REMEDY_PERIOD_ENDED)

    def state_bank_account(self, on: date) -> None:
        """The applicant says to which account a grant is to be paid; whoever is told of a rejection needs none."""
        if self.told_of_a_rejection:
            raise WrongState("Nothing was granted, so nothing will be paid.", fix="Read the decision.")
        self._move(Action.STATE_BANK_ACCOUNT, self.state)
        self.bank_account_on = on

    @property
    def told_of_a_rejection(self) -> bool:
        """Whether the applicant knows that nothing was granted."""
        return self._decided(Outcome.REJECTED) and self.remedies.announced_on is not None

    def payment_block(self, on: date) -> PaymentBlock | None:
        """Why nothing may be paid on a day, or None when money may flow."""
        if self._decided(Outcome.REJECTED) or self.state is State.WITHDRAWN:
            return PaymentBlock.NOTHING_GRANTED
        if self.state is State.ACTION_PENDING:
            return PaymentBlock.ACTION_PENDING
        if self.state is State.FINAL and self.letter_came_back:
            return PaymentBlock.LETTER_CAME_BACK
        final_on = self.remedies.final_on
        if final_on is None or on < final_on or on <= self._sent_again_until(final_on):
            return PaymentBlock.NOT_FINAL
        return PaymentBlock.NO_BANK_ACCOUNT if self.bank_account_on is None else None

    def _sent_again_until(self, final_on: date) -> date:
        """The last day of the remedy period of a letter that was sent again after the case had become final."""
        announced_on, last_day = self.remedies.announced_on, self.remedies.remedy_ends_on
        by_period = self.remedies.basis is FinalityBasis.REMEDY_PERIOD_ENDED
        again = by_period and announced_on is not None and announced_on >= final_on
        return last_day if again and last_day is not None else date.min

    def _become_final(self, on: date, basis: FinalityBasis) -> None:
        self.remedies = replace(self.remedies, final_on=on, basis=basis)
        self.happened.append(Happening.BECAME_FINAL)
