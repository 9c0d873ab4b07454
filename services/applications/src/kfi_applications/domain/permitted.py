"""What a person may do with a case now: the table of states, the roles, and four eyes."""

from collections.abc import Set

from kfi_applications.domain.application import Application
from kfi_applications.domain.states import TRANSITIONS, Action, Mover, State

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
    if action is Action.WAIVE_REMEDIES:
        return application.remedies.waived_on is None
    if action is Action.ORDER_LETTER_AGAIN:
        return application.letter_failed
    if action is Action.PERMIT_EARLY_START:
        return application.early_start is None
    if action is Action.ANSWER_REQUEST:
        return application.open_request is not None
    if proposal is None:
        return True
    if action is Action.RESERVE_FUNDS:
        return not proposal.is_rejection
    if action is Action.OPEN_SECOND_CHECK and application.state is State.PROPOSED and not proposal.is_rejection:
        return False
    return action not in _SECOND_PERSON or person != proposal.by
