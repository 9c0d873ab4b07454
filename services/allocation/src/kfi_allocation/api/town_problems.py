"""Problems of policies, ledgers and the towns' side."""

from typing import Final

from kfi_allocation.api.rule_problems import kinds, unknown
from kfi_allocation.domain import refusals
from kfi_allocation.domain.account.policy import AccountNotComputable
from kfi_allocation.domain.checking import DocumentNotReadable
from kfi_allocation.policies import UnknownPolicy
from kfi_allocation.presence_ledger import UnknownTask
from kfi_allocation.publications import UnknownPublication
from kfi_allocation.series_register import UnknownSeries
from kfi_allocation.town_statements import UnknownStatement
from kfi_chassis.http import DomainProblems
from kfi_chassis.problem import define
from kfi_chassis.problems import MAX_FIELD_ERRORS, FieldError, InvalidInput, Problem

TOWN_KINDS: Final = kinds(
    {
        refusals.SettledAlready: (409, "Read it again; what is needed now is stated, asked or drafted anew."),
        refusals.SecondPersonNeeded: (409, "Have another person put it into force; another account changes nothing."),
        refusals.NoPolicyInForce: (409, "Have a policy drafted, and put into force by another person."),
        refusals.TakenName: (409, "Read the one that is there, or choose another name or day."),
        refusals.BookingNotPossible: (422, "Read the entries of the account, and correct the field that is named."),
        refusals.PresenceNotPossible: (422, "Read who lives there, and correct the field that is named."),
        refusals.OfferNotFree: (409, "Read the flat again; it lists the actions that are allowed now."),
    }
)
NOT_COMPUTABLE: Final = define(
    "account-not-computable", 409, "The account cannot be computed",
    "The policy, the series or the entries do not say what is needed.", "Correct what the text names.",
)  # fmt: skip


def _not_readable(error: DocumentNotReadable) -> Problem:
    """Each problem at its place, as a JSON pointer; all are counted when there are more than can be named."""
    errors = [_at_its_place(problem) for problem in error.problems[:MAX_FIELD_ERRORS]]
    return InvalidInput(f"{len(error.problems)} problems were found; each names its place.", errors=errors)


def _at_its_place(problem: str) -> FieldError:
    place, _, what = problem.partition(": ")
    steps = place.removeprefix("policy.").removeprefix("policy").replace("[", ".").replace("]", "").split(".")
    return FieldError("".join(f"/{step}" for step in steps if step), "not_possible", what)


def _not_computable(error: AccountNotComputable) -> Problem:
    return Problem.of(NOT_COMPUTABLE, str(error))


TOWN_PROBLEMS: Final[DomainProblems] = {
    DocumentNotReadable: _not_readable,
    AccountNotComputable: _not_computable,
    **dict.fromkeys((UnknownPolicy, UnknownPublication, UnknownSeries, UnknownStatement, UnknownTask), unknown),
}
