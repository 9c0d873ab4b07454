"""What the domain refuses, as problems of RFC 9457; each type has its page."""

from typing import Final

from kfi_applications.correction_repository import UnknownCorrection
from kfi_applications.domain import attachment, errors
from kfi_applications.mandate_repository import UnknownMandate
from kfi_applications.master_record_repository import UnknownRecord
from kfi_applications.note_repository import UnknownNote
from kfi_applications.repository import UnknownApplication
from kfi_chassis.http import DomainProblems
from kfi_chassis.problem import define
from kfi_chassis.problems import FieldError, NotFound, Problem, ProblemType


def _kind(broken: type[errors.RuleBroken], status: int, remedy: str) -> ProblemType:
    meaning = (broken.__doc__ or broken.title).splitlines()[0]
    return define(broken.code, status, broken.title, meaning, remedy)


_READ_AGAIN = "Read the case again; it lists the actions that are allowed now."

KINDS: Final[dict[type[errors.RuleBroken], ProblemType]] = {
    errors.WrongState: _kind(errors.WrongState, 409, _READ_AGAIN),
    errors.FourEyesViolated: _kind(
        errors.FourEyesViolated, 409, "Have another signatory check and sign; another account changes nothing."
    ),
    errors.NoMandate: _kind(
        errors.NoMandate, 409, "Ask for the case, or have a mandate entered by that person or a signatory."
    ),
    errors.NotYours: _kind(errors.NotYours, 409, "Have the person do it whose it is, or a signatory."),
    errors.MandateNotPossible: _kind(errors.MandateNotPossible, 422, "Correct the field that is named."),
    errors.UnknownColleague: _kind(
        errors.UnknownColleague, 422, "Correct the name, or have that person open the work list once."
    ),
    errors.ProposalChanged: _kind(errors.ProposalChanged, 409, "Read the letter again and sign its digest."),
    errors.BudgetExceeded: _kind(
        errors.BudgetExceeded, 409, "Propose less or other years, or wait until the title has more."
    ),
    errors.NotInBudget: _kind(errors.NotInBudget, 409, "Have the budget completed, or propose other years."),
    errors.AlreadyThere: _kind(
        errors.AlreadyThere, 409, "Read the one that is there and propose its correction, or choose another key."
    ),
    errors.CallNotAccepting: _kind(errors.CallNotAccepting, 422, "Look at the calls and choose an open one."),
    errors.FactMissing: _kind(errors.FactMissing, 422, "State the fact that is named, and send the application again."),
    errors.PlanDoesNotAddUp: _kind(
        errors.PlanDoesNotAddUp, 422, "Correct the plan until its income is its expenditure, to the cent."
    ),
    errors.NotAllowedByAssessment: _kind(
        errors.NotAllowedByAssessment, 422, "Look at the assessment of the case and propose what it bears."
    ),
    errors.AlreadyDecided: _kind(
        errors.AlreadyDecided, 409, "Wait for the letter; it says what can be done against the decision."
    ),
    errors.AnswerStillPossible: _kind(
        errors.AnswerStillPossible, 409, "Wait for the answer or for the end of its last day."
    ),
    errors.DateNotPossible: _kind(errors.DateNotPossible, 422, "Correct the date."),
    attachment.FileTypeNotTaken: _kind(
        attachment.FileTypeNotTaken, 415, "Send the file as one of the types that are taken, with its Content-Type."
    ),
    attachment.FileNotWhatItSays: _kind(
        attachment.FileNotWhatItSays, 422, "Save the file anew in the type you mean, name it so, and send that."
    ),
    attachment.FileInfected: _kind(
        attachment.FileInfected, 422, "Check the computer the file comes from, and send a file that is clean."
    ),
    attachment.TooManyAttachments: _kind(
        attachment.TooManyAttachments, 409, "Remove an attachment that is not needed, or send several as one file."
    ),
    errors.AccountNotPossible: _kind(
        errors.AccountNotPossible, 422, "State a domestic account of the organisation itself."
    ),
    errors.LetterTooLong: _kind(errors.LetterTooLong, 422, "Shorten reasons and conditions."),
}


def _rule_broken(broken: errors.RuleBroken) -> Problem:
    if broken.field is None:
        return Problem.of(KINDS[type(broken)], f"{broken.detail} {broken.fix}")
    error = FieldError(f"/{broken.field}", broken.code, broken.fix)
    return Problem.of(KINDS[type(broken)], broken.detail, errors=[error])


def _unknown(_: LookupError) -> Problem:
    return NotFound()


DOMAIN_PROBLEMS: Final[DomainProblems] = {
    errors.RuleBroken: _rule_broken,
    UnknownApplication: _unknown,
    UnknownRecord: _unknown,
    attachment.UnknownAttachment: _unknown,
    UnknownMandate: _unknown,
    UnknownNote: _unknown,
    UnknownCorrection: _unknown,
}
"""What the chassis answers for exceptions of this service."""
