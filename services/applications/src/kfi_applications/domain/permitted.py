"""What a person may do with a case now: the table of states, the roles, and four eyes."""

from collections.abc import Callable, Mapping, Set
from typing import Final

from kfi_applications.domain.application import Application
from kfi_applications.domain.states import TRANSITIONS, Action, Mover, State

_ONLY_IF: Final[Mapping[Action, Callable[[Application], bool]]] = {
    Action.WAIVE_REMEDIES: lambda case: case.remedies.waived_on is None,
    Action.ORDER_LETTER_AGAIN: lambda case: case.letter_failed,
    Action.PERMIT_EARLY_START: lambda case: case.early_start is None,
    Action.ANSWER_REQUEST: lambda case: case.open_request is not None,
    Action.STATE_BANK_ACCOUNT: lambda case: not case.told_of_a_rejection,
}
_SECOND_PERSON = {Action.OPEN_SECOND_CHECK, Action.RETURN, Action.SIGN}


def permitted(
    application: Application, *, person: str, roles: Set[str], represented: Set[str] = frozenset()
) -> tuple[Action, ...]:
    """The actions that are open to a person with these roles, in the order of the path.

    Whoever stands in for nobody (``represented``) has no say as a caseworker in a case somebody else works on.
    """
    if not application.may_be_worked_on_by(person, represented):
        roles = roles - {Mover.CASEWORKER}
    by_role = (
        step.action for step in TRANSITIONS if step.source is application.state and not roles.isdisjoint(step.movers)
    )
    return tuple(action for action in dict.fromkeys(by_role) if _fits(action, application, person))


def _fits(action: Action, application: Application, person: str) -> bool:
    proposal = application.proposal
    if action in _ONLY_IF:
        return _ONLY_IF[action](application)
    if proposal is None:
        return True
    if action is Action.RESERVE_FUNDS:
        return not proposal.is_rejection
    if action is Action.OPEN_SECOND_CHECK and application.state is State.PROPOSED and not proposal.is_rejection:
        return False
    return action not in _SECOND_PERSON or person != proposal.by
