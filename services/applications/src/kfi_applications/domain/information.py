"""The case that waits for an answer of its applicant: asked, reminded, answered, or not answered in time."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from kfi_applications.domain.case import FinancePlan
from kfi_applications.domain.case_record import CaseRecord, Happening
from kfi_applications.domain.errors import AnswerStillPossible, DateNotPossible, WrongState
from kfi_applications.domain.information_request import InformationRequest
from kfi_applications.domain.states import Action, State

LONGEST: Final = timedelta(days=366)
"""No answer is waited for longer; a year like 9999 is a slip."""


@dataclass
class AsksForInformation(CaseRecord):
    """Requests for information; the last of ``information_requests`` is the open one, if one is."""

    @property
    def open_request(self) -> InformationRequest | None:
        """The request that waits for an answer."""
        last = self.information_requests[-1] if self.information_requests else None
        return None if last is None or last.answered_on is not None else last

    def request_information(self, request: InformationRequest) -> None:
        """Ask the applicant for what is missing. Raises DateNotPossible, WrongState."""
        self._must_allow(Action.REQUEST_INFORMATION)
        self._must_be_answerable(request)
        details = {"answer_by": request.answer_by.isoformat(), "letter_id": str(request.letter_id)}
        self._move(Action.REQUEST_INFORMATION, State.INFORMATION_REQUESTED, reason=request.consequence, details=details)
        self._ask(request)

    def answer_request(self, answer: str, received_on: date, *, today: date) -> None:
        """The applicant answers, also when it is late; the check begins anew. Raises DateNotPossible, WrongState."""
        self._must_allow(Action.ANSWER_REQUEST)
        asked = self.open_request
        if asked is None:
            raise WrongState("Nothing is asked for in words.", fix="Send the corrected finance plan.")
        self._must_be_possible("received_on", received_on, today, not_before=asked.requested_on)
        self._move(Action.ANSWER_REQUEST, State.FORMAL_CHECK, details={"received_on": received_on.isoformat()})
        self._close(received_on, answer)
        self.assessment = None

    def correct_finance_plan(self, finance_plan: FinancePlan, on: date) -> None:
        """The applicant sends the corrected plan; the check begins anew. Raises PlanDoesNotAddUp."""
        finance_plan.must_add_up()
        self._move(Action.CORRECT_FINANCE_PLAN, State.FORMAL_CHECK)
        self.finance_plan = finance_plan
        self._close(on, None)
        self.assessment = None

    def remind(self, on: date) -> InformationRequest:
        """Ask once more for the same, by the same day. Raises WrongState when nobody is asked or the day is over."""
        self._must_allow(Action.REMIND)
        asked = self.open_request
        if asked is None or asked.answer_by < on or on in asked.reminded_on:
            raise WrongState(
                "There is nothing to remind of today.", fix="Read the case; it says what is asked for and until when."
            )
        self._move(Action.REMIND, self.state, details={"answer_by": asked.answer_by.isoformat()})
        return self._changed(replace(asked, reminded_on=(*asked.reminded_on, on)))

    def end_answer_period(self, on: date) -> None:
        """Nothing came in time: a caseworker decides how to go on. Raises WrongState."""
        self._must_allow(Action.END_ANSWER_PERIOD)
        asked = self.open_request
        if asked is None or asked.lapsed_on is not None or on <= asked.answer_by:
            raise WrongState("No period has ended.", fix="Read the case; it says until when an answer is in time.")
        self._move(Action.END_ANSWER_PERIOD, self.state, details={"answer_by": asked.answer_by.isoformat()})
        self._changed(replace(asked, lapsed_on=on))

    def _must_have_waited(self, on: date) -> None:
        """Nobody decides while an answer would still be in time. Raises AnswerStillPossible."""
        asked = self.open_request
        if asked is not None and on <= asked.answer_by:
            raise AnswerStillPossible(
                f"The applicant may answer until {asked.answer_by}.", fix="Wait for the answer or the end of that day."
            )

    def _ask(self, request: InformationRequest) -> None:
        self.information_requests = (*self.information_requests, request)
        self.happened.append(Happening.INFORMATION_REQUESTED)

    def _close(self, on: date, answer: str | None) -> None:
        if self.open_request is not None:
            self._changed(replace(self.open_request, answered_on=on, answer=answer))

    def _changed(self, request: InformationRequest) -> InformationRequest:
        self.information_requests = (*self.information_requests[:-1], request)
        return request

    @staticmethod
    def _must_be_answerable(request: InformationRequest) -> None:
        first, last = request.requested_on + timedelta(days=1), request.requested_on + LONGEST
        if not first <= request.answer_by <= last:
            raise DateNotPossible(
                f"The day must lie between {first} and {last}.", fix="Correct the date.", field="answer_by"
            )
