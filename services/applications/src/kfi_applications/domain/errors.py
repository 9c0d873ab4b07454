"""What a rule of the trade forbids. Raised before anything has changed; each names what to do."""

from typing import ClassVar


class RuleBroken(Exception):
    """A rule forbids what was asked; nothing has changed.

    ``code`` is the stable name (it is the problem type at the edge), ``field`` the input that is to blame, if one is.
    """

    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, *, fix: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fix = fix
        self.field = field


class WrongState(RuleBroken):
    """The case is not in a state in which this can be done."""

    code = "wrong-state"
    title = "The case is not in a state in which this can be done"


class FourEyesViolated(RuleBroken):
    """The person who proposed cannot be the person who checks and signs."""

    code = "four-eyes-violated"
    title = "Proposer and signatory must be two persons"


class NoMandate(RuleBroken):
    """Somebody else works on the case, and whoever acts has no mandate to stand in today."""

    code = "no-mandate"
    title = "Somebody else works on the case"


class NotYours(RuleBroken):
    """What is asked for is another person's to do."""

    code = "not-yours"
    title = "Another person has to do this"


class MandateNotPossible(RuleBroken):
    """A mandate to stand in would be for oneself, without a time, or for a person nobody knows."""

    code = "mandate-not-possible"
    title = "This mandate is not possible"


class UnknownColleague(RuleBroken):
    """Nobody of this name has worked here as a caseworker yet."""

    code = "unknown-colleague"
    title = "There is no such caseworker"


class ProposalChanged(RuleBroken):
    """The letter that was seen is no longer the letter that would be sent."""

    code = "proposal-changed"
    title = "The letter changed since it was read"


class BudgetExceeded(RuleBroken):
    """A year of the budget title does not hold the amount; no year was booked."""

    code = "budget-exceeded"
    title = "The budget title does not hold the amount"


class NotInBudget(RuleBroken):
    """The budget title, one of its years or the reservation asked for does not exist."""

    code = "not-in-budget"
    title = "The budget has no such entry"


class AlreadyThere(RuleBroken):
    """A call or budget title with this key is there already."""

    code = "already-there"
    title = "There is one with this key already"


class CallNotAccepting(RuleBroken):
    """The call does not take this application: unknown, not yet open, closed, or past its Ausschlussfrist."""

    code = "call-not-accepting"
    title = "The call does not take this application"


class FactMissing(RuleBroken):
    """The programme of the call decides by a fact that was not stated, or was stated with a value that cannot be."""

    code = "fact-missing"
    title = "The programme needs a fact that is missing"


class PlanDoesNotAddUp(RuleBroken):
    """The income of the finance plan is not its expenditure."""

    code = "plan-does-not-add-up"
    title = "The finance plan does not add up"


class NotAllowedByAssessment(RuleBroken):
    """The proposal says something the assessment of the case does not bear."""

    code = "not-allowed-by-assessment"
    title = "The assessment does not bear this proposal"


class AlreadyDecided(RuleBroken):
    """The application is signed; what can be done only before is too late."""

    code = "already-decided"
    title = "The application is decided already"


class AnswerStillPossible(RuleBroken):
    """The applicant was asked for something, and its time to answer is not over."""

    code = "answer-still-possible"
    title = "The applicant may still answer"


class DateNotPossible(RuleBroken):
    """The date contradicts what has happened already."""

    code = "date-not-possible"
    title = "This date is not possible"


class AccountNotPossible(RuleBroken):
    """The programme forbids to pay to this account."""

    code = "account-not-possible"
    title = "Nothing may be paid to this account"


class LetterTooLong(RuleBroken):
    """The letter would be longer than what can be sealed."""

    code = "letter-too-long"
    title = "The letter would be too long"
