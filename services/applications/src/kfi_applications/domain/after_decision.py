"""The case after its decision: announcement, waiver, court action, finality."""

from dataclasses import dataclass, replace
from datetime import date

from kfi_applications.domain.case_record import CaseRecord, Happening
from kfi_applications.domain.decision import Outcome
from kfi_applications.domain.errors import WrongState
from kfi_applications.domain.remedies import ActionEnd, FailedNotification, FinalityBasis, PaymentBlock
from kfi_applications.domain.states import Action, State


@dataclass
class AfterDecision(CaseRecord):
    """What happens to a case once it is decided."""

    def record_not_announced(self, last_day: date) -> None:
        """Nobody retrieved the letter from the inbox in time: no period runs, it goes by post (§ 41 (2a) VwVfG)."""
        self._move(Action.RECORD_NOT_ANNOUNCED, self.state, details={"last_day": last_day.isoformat()})
        self.remedies = replace(self.remedies, not_retrieved_by=last_day)

    def record_announcement(self, announced_on: date, remedy_ends_on: date | None) -> None:
        """The decision is announced; final at once when remedies were waived before."""
        target = State.ANNOUNCED if self.remedies.waived_on is None else State.FINAL
        self._move(Action.RECORD_ANNOUNCEMENT, target, details={"announced_on": announced_on.isoformat()})
        self.remedies = replace(self.remedies, announced_on=announced_on, remedy_ends_on=remedy_ends_on)
        self.failed_notifications = tuple(f for f in self.failed_notifications if f.channel != "letter")
        if self.remedies.waived_on is not None:
            self._become_final(max(announced_on, self.remedies.waived_on), FinalityBasis.WAIVER)

    def record_failed_notification(self, failed: FailedNotification) -> None:
        """A letter or e-mail did not get out; the state stays, a person looks after it."""
        self._move(
            Action.RECORD_FAILED_NOTIFICATION, self.state, reason=failed.reason, details={"channel": failed.channel}
        )
        others = tuple(f for f in self.failed_notifications if f.channel != failed.channel)
        self.failed_notifications = (*others, failed)

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

    def payment_block(self, on: date) -> PaymentBlock | None:
        """Why nothing may be paid on a day, or None when money may flow."""
        if self.decision is not None and self.decision.outcome is Outcome.REJECTED:
            return PaymentBlock.NOTHING_GRANTED
        if self.state is State.ACTION_PENDING:
            return PaymentBlock.ACTION_PENDING
        final_on = self.remedies.final_on
        return PaymentBlock.NOT_FINAL if final_on is None or on < final_on else None

    def _become_final(self, on: date, basis: FinalityBasis) -> None:
        self.remedies = replace(self.remedies, final_on=on, basis=basis)
        self.happened.append(Happening.BECAME_FINAL)
